"""The rule for what was expected beforehand: the grammar is the writer's, the time the user's."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("expectation-missed")


def _events(expect: object, rows: list[Record], **config: object) -> list[Event]:
    header: Record = {"trainmon": 1, "config": {"expect": expect, **config}}
    return [decision.event for decision in replay(RULE, [header, *rows])]


def _epochs(*values: float | str, per_epoch: int = 1, name: str = "val/f1") -> list[Record]:
    return [
        {"step": 10 * n, "epoch": n / per_epoch, name: value} for n, value in enumerate(values, 1)
    ]


def test_it_speaks_at_the_deadline_and_never_before() -> None:
    (event,) = _events({"val/f1": "> 0.1 by epoch 3"}, _epochs(0.0, 0.05, 0.04, 0.04))
    assert (event.severity.word, event.row, event.metric) == ("warning", 3, "val/f1")
    assert event.title == "val/f1 was to be > 0.1 by epoch 3: the best so far is 0.05"
    assert not _events({"val/f1": "> 0.1 by epoch 3"}, _epochs(0.0, 0.05))


def test_whatever_comes_after_it_was_met_does_not_matter() -> None:
    assert not _events({"val/f1": "> 0.1 by epoch 3"}, _epochs(0.0, 0.2, 0.0, 0.0, 0.0))


def test_a_later_evaluation_of_the_same_epoch_may_still_meet_it() -> None:
    rows: list[Record] = [{"epoch": n // 3, "val/f1": 0.02 * n} for n in range(12)]
    assert not _events({"val/f1": ">= 0.1 by epoch 2"}, rows)
    (event,) = _events({"val/f1": "> 0.5 by epoch 2"}, rows)
    assert event.evidence["epoch"] == 3


def test_it_is_seen_between_evaluations_that_the_time_is_over() -> None:
    rows: list[Record] = [{"step": n, "train/loss": 1.0} for n in range(1, 200)]
    (event,) = _events({"val/f1": "> 0.1 by step 100"}, rows)
    assert 100 < event.evidence["step"] <= 108
    assert event.title.endswith("it was never logged")


def test_losses_of_single_steps_are_held_against_it_as_well() -> None:
    rows: list[Record] = [{"step": n, "train/loss": 2 - 0.01 * n} for n in range(1, 200)]
    assert not _events({"train/loss": "below 1.5 by step 100"}, rows)
    event, *_ = _events({"train/loss": "below 0.5 by step 100"}, rows)
    assert event.evidence["best"] == pytest.approx(1.0)


def test_what_comes_true_late_clears_it() -> None:
    told = _events({"val/f1": "> 0.1 by epoch 3"}, _epochs(0.0, 0.0, 0.0, 0.0, 0.3))
    assert [(event.kind.value, event.row) for event in told] == [("opened", 3), ("cleared", 5)]


def test_a_run_that_ends_at_the_deadline_has_had_its_time() -> None:
    rows = [*_epochs(0.02, 0.05), {"event": "finish", "status": "finished"}]
    assert _events({"val/f1": "> 0.1 by epoch 2"}, rows)
    assert not _events({"val/f1": "> 0.1 by epoch 3"}, rows)


def test_without_a_deadline_the_end_is_one() -> None:
    values = _epochs(0.1, 0.2, 0.3)
    assert not _events({"val/f1": ">= .5"}, values)
    assert _events({"val/f1": ">= .5"}, [*values, {"event": "finish", "status": "finished"}])
    assert not _events({"val/f1": ">= .5"}, [*values, {"event": "finish", "status": "failed"}])
    assert _events({"val/f1": ">= .5"}, values, epochs=3)
    assert not _events({"val/f1": ">= .3"}, values, epochs=3)


def test_nan_meets_nothing() -> None:
    (event,) = _events({"val/f1": "> 0.1 by epoch 2"}, _epochs("NaN", "NaN", "NaN"))
    assert event.title.endswith("it was never a number")


@pytest.mark.parametrize(
    "expect", [{"val/f1": "soon"}, {"val/f1": 0.5}, {"val/f1": "> 1 by hour 3"}, "> 0.1", ["> 0.1"]]
)
def test_what_cannot_be_understood_is_info_and_never_an_exception(expect: object) -> None:
    (event,) = _events(expect, _epochs(0.1, 0.2, 0.3))
    assert (event.severity.word, event.row) == ("info", 0)
    assert event.evidence["reason"] == "not understood"


def test_frameworks_spell_the_metric_with_a_sign_of_their_own() -> None:
    rows = _epochs(0.5, 0.6, name="val_f1")
    assert not _events({"val/f1": "> 0.1 by epoch 1"}, rows)
