"""The rule for NaN and Inf: what is an error, what is ordinary, and what came first."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event, Severity
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("non-finite")


def _events(records: list[Record], cut: int = 0) -> list[Event]:
    return [decision.event for decision in replay(RULE, records, cut=cut)]


def _series(name: str, values: list[float | str | None], **others: float) -> list[Record]:
    return [{"step": step, name: value, **others} for step, value in enumerate(values)]


def test_a_nan_in_the_training_loss_is_an_error_at_that_record() -> None:
    event, *_ = _events(_series("train/loss", [1.0, 0.9, "NaN", "NaN"]))
    assert (event.row, event.severity, event.evidence["value"]) == (2, Severity.ERROR, "NaN")


@pytest.mark.parametrize("name", ["val/ap", "val/loss_z_score", "lr", "sys/cpu"])
def test_nan_in_what_is_no_loss_is_ordinary(name: str) -> None:
    assert not _events(_series(name, [0.5, "NaN", "NaN", "NaN", "NaN"]))


def test_a_gap_is_no_nan() -> None:
    assert not _events(_series("train/loss", [1.0, None, None, None, 0.9]))


def test_a_loss_that_is_finite_again_clears_the_finding() -> None:
    kinds = [event.kind for event in _events(_series("train/loss", [1.0, "Infinity", 1.0]))]
    assert kinds == ["opened", "cleared"]


def test_an_open_streak_outlasts_reads_without_that_metric() -> None:
    records = [*_series("train/loss", [1.0, "NaN"]), *_series("lr", [0.1] * 5)]
    records += _series("train/loss", [1.0])
    assert [event.kind for event in _events(records, cut=1)] == ["opened", "cleared"]


@pytest.mark.parametrize("cut", [1, 2, 0])
def test_a_streak_of_nan_and_inf_is_told_the_same_at_any_cut(cut: int) -> None:
    events = _events(_series("val/loss", ["NaN", "NaN", "Infinity"]), cut=cut)
    assert [event.evidence["value"] for event in events] == ["NaN", "NaN", "Infinity"]
    assert [event.kind for event in events] == ["opened", "repeated", "worsened"]


def test_a_stretch_of_nan_is_followed_to_its_end() -> None:
    last = _events(_series("train/loss", [1.0, *["NaN"] * 300]))[-1]
    assert last.evidence["records"] >= 285
    assert last.row >= 285


def test_a_gradient_that_was_not_finite_before_the_loss_is_what_came_first() -> None:
    records: list[Record] = [
        {
            "step": step,
            "grad_norm": 1.0 if step < 20 else "NaN",
            "train/loss": 1.0 if step < 22 else "NaN",
        }
        for step in range(23)
    ]
    loss = next(event for event in _events(records) if event.metric == "train/loss")
    assert loss.evidence["first"] == "gradient"
    assert loss.title == "train/loss is NaN; the gradient was not finite before"


def test_overflows_under_a_loss_scale_stay_info_while_the_scale_is_halved() -> None:
    norms: list[float | str | None] = ["Infinity"] * 9
    records = _series("grad_norm", [*norms, 1.0, 1.0], **{"amp/scale": 1024.0})
    assert {event.severity for event in _events(records)} == {Severity.INFO}


def test_a_gradient_that_stays_infinite_under_a_loss_scale_is_an_error() -> None:
    records = _series("grad_norm", ["Infinity"] * 30, **{"amp/scale": 1024.0})
    assert _events(records)[-1].severity == Severity.ERROR


@pytest.mark.parametrize(
    ("precision", "severity"),
    [("16-mixed", Severity.INFO), ("fp16", Severity.INFO), ("bf16", Severity.WARNING)],
)
def test_only_float16_makes_an_infinite_gradient_ordinary(
    precision: str, severity: Severity
) -> None:
    header: Record = {"trainmon": 1, "config": {"precision": precision}}
    events = _events([header, *_series("grad_norm", [1.0, "Infinity", 1.0])])
    assert events[0].severity == severity


def test_inf_in_the_first_validation_alone_means_none_yet() -> None:
    events = _events(_series("val/loss", ["Infinity", 0.9, 0.8]))
    assert {event.severity for event in events} == {Severity.INFO}


def test_inf_in_a_later_validation_is_a_warning() -> None:
    assert _events(_series("val/loss", [0.9, "Infinity"]))[0].severity == Severity.WARNING


def test_a_gradient_that_had_grown_is_said_to_have_come_first() -> None:
    records = _series("train/loss", [1.0] * 30)
    for record in records:
        record["grad_norm"] = 1.0 if record["step"] < 25 else 10.0 ** (record["step"] - 23)
    records.append({"step": 30, "train/loss": "NaN"})
    event = _events(records)[0]
    assert (event.evidence["first"], event.evidence["first_step"]) == ("gradient", 25.0)


def test_a_halved_loss_scale_is_said_to_have_come_first() -> None:
    records = _series("train/loss", [1.0] * 30)
    for record in records:
        record["amp/scale"] = 1024.0 if record["step"] < 20 else 512.0
    event = _events([*records, {"step": 30, "train/loss": "NaN"}])[0]
    assert event.evidence["first"] == "loss scale"


def test_a_nan_out_of_nowhere_is_said_to_be_one() -> None:
    assert _events(_series("train/loss", [1.0] * 30 + ["NaN"]))[0].evidence["first"] == "nothing"


def test_the_layer_next_to_the_origin_is_named() -> None:
    layers = {"grad_norm/stem": "NaN", "grad_norm/block": "NaN", "grad_norm/head": 1.0}
    records = _series("train/loss", [1.0] * 5)
    event, *_ = _events([*records, {"step": 5, "grad_norm": "NaN", **layers}])
    assert event.evidence["layer"] == "block"


def test_what_a_watched_model_told_of_the_origin_is_passed_on() -> None:
    told: Record = {"event": "nonfinite", "where": "gradient", "parameter": "head.weight"}
    told |= {"module": "head", "batch": {"index": 17, "ranges": {}}}
    events = _events([*_series("train/loss", [1.0] * 5), told, {"step": 5, "train/loss": "NaN"}])
    evidence = events[0].evidence
    assert (evidence["parameter"], evidence["batch"]) == ("head.weight", 17)


def test_what_was_told_long_ago_is_not_passed_on() -> None:
    told: Record = {"event": "nonfinite", "where": "loss"}
    events = _events([told, *_series("train/loss", [1.0] * 20), {"train/loss": "NaN"}])
    assert "where" not in events[0].evidence
