"""The rule for a metric that stays at 0: how long it waits, and what it finds at the bottom."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event, Severity
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("metric-zero")


def _log(
    values: list[float], name: str = "val/f1", others: dict[str, float] | None = None
) -> list[Record]:
    return [
        {"step": 200 * epoch, "epoch": epoch, "train/loss": 0.6, name: value, **(others or {})}
        for epoch, value in enumerate(values, 1)
    ]


def _evaluated(records: list[Record], **told: object) -> list[Record]:
    """Return a log with an event before each evaluation."""
    fields = {"event": "evaluation", "split": "val", "kind": "binary", "n": 1_000, **told}
    return [each for record in records for each in ({"step": record["step"], **fields}, record)]


def _planned(records: list[Record], **config: object) -> list[Record]:
    return [{"trainmon": 1, "config": config}, *records]


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def _loud(records: list[Record]) -> list[Event]:
    return [e for e in _events(records) if e.severity >= Severity.WARNING and e.kind != "cleared"]


def test_it_waits_for_a_third_of_the_plan() -> None:
    event, *_ = _loud(_planned(_log([0.0] * 30), epochs=30))
    assert event.evidence["zeros"] == 10
    assert event.onset == 1


def test_without_a_plan_it_waits_for_the_fifth_epoch() -> None:
    assert _loud(_log([0.0] * 12))[0].evidence["epoch"] == 5.0


def test_the_monitored_metric_decides_alone() -> None:
    records = _planned(_log([0.0] * 12, others={"val/recall": 0.4}), monitor="f1", mode="max")
    assert _loud(records)[0].metric == "val/f1"
    assert not _loud(_log([0.0] * 12, others={"val/recall": 0.4}))


def test_a_metric_that_rises_after_its_first_epochs_is_healthy() -> None:
    assert not _events(_log([0.0, 0.0, 0.0, 0.01, 0.0, 0.1, 0.3, 0.5, 0.6]))


def test_while_the_loss_still_falls_a_rare_class_may_come_late() -> None:
    records = _planned(_log([0.0] * 5 + [0.2, 0.4, 0.5, 0.6, 0.6, 0.7, 0.7]), epochs=12)
    for index, record in enumerate(records[1:]):
        record["train/loss"] = 0.8**index
    assert not _events(records)


def test_one_evaluation_is_enough_at_the_end_of_a_training() -> None:
    records: list[Record] = [
        {"step": 100 * n, "loss": 0.93, "lr": 0.01 if n < 20 else 0.001} for n in range(1, 41)
    ]
    records.append({"step": 4_000, "val/mAP": 0.0, "val/AP50": 0.0})
    assert _loud(records)[0].metric == "val/mAP"


def test_a_training_loss_at_nothing_and_a_metric_at_0_contradict_each_other() -> None:
    records: list[Record] = [{"step": n, "loss": 0.07 * 0.9**n} for n in range(1, 200)]
    records.append({"step": 200, "val/mAP": 0.0})
    assert _loud(records)


def test_next_to_nothing_for_many_epochs_is_as_bad() -> None:
    values = [0.001 + 0.00005 * (n % 7) for n in range(60)]
    event, *_ = _loud(_log(values, "metrics/mAP50(B)"))
    assert event.evidence["evaluations"] == 40


@pytest.mark.parametrize(
    ("told", "tree"),
    [
        ({"positives": 0, "confusion": [[1_000, 0], [0, 0]]}, "no positives"),
        (
            {"positives": 40, "confusion": [[960, 0], [40, 0]], "auroc": 0.91},
            "none predicted, ranks well",
        ),
        (
            {"positives": 40, "confusion": [[960, 0], [40, 0]], "auroc": 0.51},
            "none predicted, does not rank",
        ),
        (
            {"positives": 40, "confusion": [[860, 100], [40, 0]], "auroc": 0.3},
            "predicted but never right",
        ),
        ({}, "unknown"),
    ],
)
def test_it_walks_down_to_the_reason(told: dict[str, object], tree: str) -> None:
    event = _events(_evaluated(_log([0.0] * 12), **told))[-1]
    assert event.evidence["tree"] == tree


MOVING = [0.8373, 0.841, 0.8397, 0.843, 0.8437, 0.8466]


@pytest.mark.parametrize(
    ("accuracies", "tree"),
    [
        (MOVING, "predicted but never right"),
        ([0.9373] * 6, "none predicted, ranks well"),
        ([0.15 + value for value in MOVING], "none predicted, ranks well"),
    ],
    ids=["it moves", "it stands", "positives are rare"],
)
def test_an_accuracy_that_moves_tells_that_positives_are_predicted(
    accuracies: list[float], tree: str
) -> None:
    rows: list[Record] = [
        {"step": 200 * at, "epoch": at, "train/loss": 0.6, "val/accuracy": value, "val/f1": 0.0}
        | {"val/auroc": 0.92}
        for at, value in enumerate(accuracies, 1)
    ]
    assert _events(_planned(rows, epochs=6))[-1].evidence["tree"] == tree


@pytest.mark.parametrize(("predicted", "epoch"), [(300, 4), (40, 10)])
def test_predictions_that_would_be_right_by_chance_need_no_third_of_the_plan(
    predicted: int, epoch: int
) -> None:
    confusion = [[900 - predicted, predicted], [100, 0]]
    records = _planned(_evaluated(_log([0.0] * 30), confusion=confusion), epochs=30)
    event, *_ = _loud(records)
    assert (event.evidence["tree"], event.evidence["zeros"]) == ("predicted but never right", epoch)


def test_scores_that_rank_make_it_info_up_to_half_of_the_plan() -> None:
    told = {"positives": 40, "confusion": [[960, 0], [40, 0]], "auroc": 0.91}
    events = _events(_planned(_evaluated(_log([0.0] * 20), **told), epochs=20))
    words = {event.row: event.severity.word for event in events}
    assert list(dict.fromkeys(words.values())) == ["info", "error"]


def test_scores_that_rank_stay_info_while_the_validation_loss_falls_fast() -> None:
    told = {"positives": 40, "confusion": [[960, 0], [40, 0]], "auroc": 0.91}
    records = _planned(_evaluated(_log([0.0] * 8), **told), epochs=10)
    for number, record in enumerate(r for r in records if "val/f1" in r):
        record["val/loss"] = 0.3 * 0.9**number
    assert {event.severity.word for event in _events(records)} == {"info"}


def test_a_metric_that_comes_after_all_clears_it() -> None:
    assert _events(_log([0.0] * 8 + [0.3, 0.5]))[-1].kind == "cleared"


def test_the_success_rate_of_a_learner_that_explores_is_not_judged() -> None:
    assert not _events(_log([0.0] * 20, "eval/hits", {"rollout/ep_rew_mean": 1.0}))


def _ranked_ever_better(**config: object) -> list[Record]:
    """Return a log of a rare class that is not predicted, and scores that rank ever better."""
    records = _planned(_log([0.0] * 16), epochs=20, **config)
    better = [1 - 0.5 * 0.8**epoch for epoch in range(16)]
    for record, auroc in zip(records[1:], better, strict=True):
        record["val/auroc"] = auroc
    return records


def test_it_is_info_while_another_metric_is_monitored_and_gets_better() -> None:
    assert _loud(_ranked_ever_better())
    assert not _loud(_ranked_ever_better(monitor="val/auroc", mode="max"))
    assert _events(_ranked_ever_better(monitor="val/auroc", mode="max"))


def test_another_monitored_metric_that_stands_is_no_excuse() -> None:
    records = _planned(
        _log([0.0] * 16, others={"val/auroc": 0.8}), epochs=20, monitor="val/auroc", mode="max"
    )
    assert _loud(records)


def test_positives_that_are_never_right_are_told_whatever_is_monitored() -> None:
    records = _ranked_ever_better(monitor="val/auroc", mode="max")
    shares = {"predicted_shares": [0.8, 0.2], "actual_shares": [0.8, 0.2], "positives": 200}
    assert _loud([records[0], *_evaluated(records[1:], **shares)])


def test_a_validation_loss_that_goes_down_each_time_earns_ten_evaluations() -> None:
    def log_of(losses: list[float]) -> list[Record]:
        return [{**r, "val/loss": x} for r, x in zip(_log([0.0] * 14), losses, strict=True)]

    going_down = _loud(log_of([0.7 * 0.97**epoch for epoch in range(14)]))
    assert going_down[0].evidence["epoch"] == 10.0
    standing = _loud(log_of([0.7 + 0.01 * (epoch % 2) for epoch in range(14)]))
    assert standing[0].evidence["epoch"] == 5.0
