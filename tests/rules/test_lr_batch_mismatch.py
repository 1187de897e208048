"""The rule for a learning rate that does not fit the batch, beside a run that worked."""

from typing import Any

import pytest

from tests.comparison.runs import curve_run
from trainmon.given import Given
from trainmon.judge import Judge, replay
from trainmon.reference import Reference
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

RULE = load("lr-batch-mismatch")
GOOD: Record = {"lr": 2.5e-4, "batch_size": 2, "accum": 4}
BAD: Record = {"lr": 1e-4, "batch_size": 16, "accum": 8}
RISING = (0.1, 0.3, 0.42, 0.45, 0.49, 0.5)
STUCK = (0.1, 0.02, 0.01, 0.05, 0.1, 0.11)


def _records(
    values: tuple[float | str, ...],
    metric: str = "val/iou",
    stride: int = 31,
    **config: Any,  # noqa: ANN401 - JSON is any value
) -> list[Record]:
    rows: list[Record] = [
        {"step": stride * epoch, "epoch": epoch, metric: value}
        for epoch, value in enumerate(values, start=1)
    ]
    return [{"trainmon": 1, "config": config}, *rows]


def _good(
    metric: str = "val/iou",
    values: tuple[float, ...] = RISING,
    **config: Any,  # noqa: ANN401 - JSON is any value
) -> Reference:
    return curve_run(metric, values, "good", stride=500, **{**GOOD, **config})


def _events(records: list[Record], reference: Reference | None = None) -> list[Event]:
    lane = Lane()
    judge = Judge(lane, [RULE], given=Given(reference=reference or _good()), strict=True)
    lane.append(batch_of(records))
    return [decision.event for decision in judge.advance()]


def _told(records: list[Record], reference: Reference | None = None) -> list[tuple[str, str, int]]:
    return [(e.kind.value, e.severity.word, e.row) for e in _events(records, reference)]


def test_the_first_worse_evaluation_is_info_and_the_second_a_warning() -> None:
    assert _told(_records(STUCK, **BAD))[:2] == [("opened", "info", 2), ("worsened", "warning", 3)]


def test_the_evidence_holds_both_rates_and_what_differs() -> None:
    event = _events(_records(STUCK, **BAD))[-1]
    assert event.onset == 2
    assert event.evidence["lr_per_sample"] == pytest.approx(7.8125e-7)
    assert event.evidence["reference_lr_per_sample"] == pytest.approx(3.125e-5)
    assert event.evidence["factor"] == 40
    assert event.evidence["effective_batch"] == 128
    assert event.evidence["reference_effective_batch"] == 8
    assert event.evidence["differences"][0].startswith("LR per sample 40x smaller")
    assert (event.evidence["reference"], event.evidence["equal"]) == ("good", "samples")


def test_the_title_says_by_how_much_and_what_it_came_to() -> None:
    title = _events(_records(STUCK, **BAD))[2].title
    assert title.startswith("LR per sample 40x smaller than in good: 7.81e-7 against 3.13e-5; ")
    assert "val/iou 0.05 against 0.4" in title


def test_a_rate_that_is_too_high_is_a_mismatch_too() -> None:
    (event, *_) = _events(_records(STUCK, stride=500, **{**GOOD, "lr": 0.01}))
    assert "lr 40x larger" in event.evidence["differences"][0]


def test_a_run_that_is_as_good_is_left_alone() -> None:
    assert not _told(_records(RISING, **BAD))


def test_it_clears_when_the_run_has_caught_up() -> None:
    told = _told(_records((0.1, 0.02, 0.01, 0.45, 0.49, 0.5), **BAD))
    assert told[-1] == ("cleared", "warning", 4)


@pytest.mark.parametrize("lr", [2.5e-4 * 16, 2.5e-4 * 4, 2.5e-4 * 8])
def test_a_rate_scaled_with_the_batch_or_its_root_is_a_choice(lr: float) -> None:
    assert not _told(_records(STUCK, **{**BAD, "lr": lr}))


def test_less_than_four_fold_is_a_choice() -> None:
    assert not _told(_records(STUCK, stride=500, **{**GOOD, "lr": 2.5e-4 / 3.9}))
    assert _told(_records(STUCK, stride=500, **{**GOOD, "lr": 2.5e-4 / 4.1}))


def test_rates_of_two_kinds_of_optimizers_are_not_compared() -> None:
    reference = _good(optimizer="sgd")
    assert not _told(_records(STUCK, **BAD, optimizer="adamw"), reference)
    assert _told(_records(STUCK, **BAD, optimizer="SGD"), reference)
    assert _told(_records(STUCK, **BAD), reference)


@pytest.mark.parametrize("missing", ["lr", "batch_size"])
def test_without_a_rate_or_a_batch_nothing_is_said(missing: str) -> None:
    config = {key: value for key, value in BAD.items() if key != missing}
    assert not _told(_records(STUCK, **config))


def test_the_ranks_of_the_header_count() -> None:
    header: Record = {"trainmon": 1, "world_size": 64, "config": GOOD}
    assert _told([header, *_records(STUCK, stride=8)[1:]])[0] == ("opened", "info", 2)


def test_less_of_a_loss_is_better() -> None:
    falling, high = (2.0, 1.0, 0.7, 0.6, 0.5, 0.5), (2.0, 2.0, 1.9, 1.8, 1.8, 1.8)
    assert _told(_records(high, "val/loss", **BAD), _good("val/loss", falling))
    assert not _told(_records(falling, "val/loss", **BAD), _good("val/loss", high))


def test_a_log_whose_step_is_an_epoch_is_compared_at_equal_epochs() -> None:
    reference = curve_run("val/iou", RISING, "good", stride=1, **GOOD)
    event = _events(_records(STUCK, stride=1, **BAD), reference)[0]
    assert (event.evidence["equal"], event.evidence["reference_value"]) == ("epoch", 0.3)


def test_before_the_first_value_of_the_reference_nothing_is_said() -> None:
    late = curve_run("val/iou", RISING, "good", stride=50_000, **GOOD)
    records = _records(STUCK, **BAD)
    for record in records[1:]:
        del record["epoch"]
    assert not _told(records, late)


def test_behind_the_end_of_the_reference_its_last_value_counts() -> None:
    event = _events(_records((*STUCK, *STUCK), **BAD))[-1]
    assert event.evidence["reference_value"] == 0.5


def test_values_that_are_not_finite_are_no_evaluation() -> None:
    assert not _told(_records(("NaN",) * 6, **BAD))


def test_a_reference_may_be_told_in_the_configuration() -> None:
    told = {"learning_rate": 2.5e-4, "batch_size": 8, "curve": {"val/iou": {"1": 0.1, "3": 0.42}}}
    events = replay(RULE, _records(STUCK, **BAD, reference=told))
    assert [d.event.severity.word for d in events][:2] == ["info", "warning"]
    assert events[0].event.evidence["reference"] == "the reference"


@pytest.mark.parametrize("reference", [None, "good", {"lr": 2.5e-4, "batch_size": 8}])
def test_without_a_curve_to_compare_with_nothing_is_said(reference: object) -> None:
    assert not replay(RULE, _records(STUCK, **BAD, reference=reference))


def test_a_configuration_that_comes_late_is_judged_from_then_on() -> None:
    header, *rows = _records(STUCK)
    config: Record = {"event": "config", "config": BAD}
    assert _told([header, *rows[:2], config, *rows[2:]])[0] == ("opened", "info", 4)


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_the_events_are_the_same_however_the_log_is_cut(cut: int) -> None:
    records = _records((*STUCK, *RISING, *STUCK), **BAD)
    lane, events = Lane(), list[Event]()
    judge = Judge(lane, [RULE], given=Given(reference=_good()), strict=True)
    for start in range(0, len(records), cut):
        lane.append(batch_of(records[start : start + cut]))
        events += [decision.event for decision in judge.advance()]
    assert events == _events(records)


@pytest.mark.parametrize(("gain", "told"), [(0.001, True), (0.2, False)])
def test_a_run_that_crawls_beside_a_reference_without_values_is_told(
    *, gain: float, told: bool
) -> None:
    config: Record = {"lr": 1e-5, "batch_size": 512, "total_steps": 800}
    config |= {"reference": {"lr": 2e-3, "batch_size": 32}}
    rows: list[Record] = [{"trainmon": 1, "config": config}]
    for step in range(1, 801):
        rows.append({"step": step, "lr": 1e-5, "train/loss": 0.4})
        if step % 80 == 0:
            rows.append({"step": step, "val/loss": 0.4 * (1 - gain * step / 80)})
    assert bool(replay(RULE, rows)) is told
