"""The rule for results that are too good to be true: info, as they may well be."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("suspiciously-good")


def _events(evaluations: list[Record], **config: object) -> list[Event]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    for epoch, values in enumerate(evaluations, 1):
        records.append({"step": 100 * epoch, "epoch": epoch, **values})
    return [decision.event for decision in replay(RULE, records)]


@pytest.mark.parametrize(
    "first", [{"val/accuracy": 0.995}, {"val_acc": 99.4}, {"val/f1": 0.999}, {"eval_auc": 0.9999}]
)
def test_a_first_evaluation_that_is_nearly_perfect_is_info(first: Record) -> None:
    (event,) = _events([first])
    assert (event.severity.word, event.metric) == ("info", next(iter(first)))


@pytest.mark.parametrize(
    "first",
    [
        {"val/accuracy": 0.95},
        {"val/auroc": 0.995},
        {"val/accuracy": 0.995, "val/f1": 0.0},
        {"val/loss": 0.001},
        {"val/specificity": 1.0},
        {"val/acc1": 0.995},  # percent, by its name: half a percent is nothing
    ],
)
def test_ordinary_first_evaluations_are_silent(first: Record) -> None:
    assert not _events([first, first])


def test_a_large_class_explains_any_accuracy() -> None:
    assert not _events([{"val/accuracy": 0.995}], class_counts=[9_950, 50])


def test_a_first_evaluation_at_the_end_of_a_run_may_be_good() -> None:
    assert not _events([{"val/accuracy": 0.995}], epochs=1)
    assert _events([{"val/accuracy": 0.995}], epochs=10)


def test_a_later_evaluation_may_be_good_and_a_worse_one_clears() -> None:
    assert not _events([{"val/accuracy": 0.9}, {"val/accuracy": 0.995}])
    told = _events([{"val/accuracy": 0.995}, {"val/accuracy": 0.7}])
    assert [event.kind.value for event in told] == ["opened", "cleared"]


def test_validation_above_the_training_that_follows_it_is_told_without_dropout() -> None:
    def told(dropout: float) -> list[Event]:
        records: list[Record] = [{"trainmon": 1, "config": {"dropout": dropout}}]
        for epoch in range(1, 7):
            place = {"step": 100 * epoch, "epoch": epoch}
            records.append({"event": "evaluation", "split": "val", "n": 5_000, **place})
            records.append(place | {"train/accuracy": 0.7, "val/accuracy": 0.8})
        return [decision.event for decision in replay(RULE, records)]

    assert told(0.0)[0].evidence["reason"] == "better than training"
    assert not told(0.3)
