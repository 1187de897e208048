"""The rule for checkpoints that are due and do not come: which, why, and what is at risk."""

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("checkpoint-missing")

RISING = [0.3, 0.4, 0.5, 0.55, 0.6, 0.62, 0.65, 0.7]


def _log(
    values: list[float], saved: set[int], *, by: str | None = "val/f1", **config: object
) -> list[Record]:
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for epoch, value in enumerate(values, 1):
        place = {"step": 100 * epoch, "epoch": epoch, "time": 1e9 + 60 * epoch}
        records.append(place | {"val/f1": value})
        if epoch in saved:
            told = {"metric": by} if by else {}
            records.append({"event": "checkpoint", "path": "x.pt", **place, **told})
    return records


def _events(
    values: list[float], saved: set[int], *, by: str | None = "val/f1", **config: object
) -> list[Event]:
    return [decision.event for decision in replay(RULE, _log(values, saved, by=by, **config))]


BEST = {"checkpoint": "best", "monitor": "val/f1", "mode": "max"}


def test_a_key_that_is_not_logged_is_named_at_the_second_evaluation() -> None:
    event = _events(RISING, set(), **BEST | {"monitor": "val/f2"})[0]
    assert (event.severity.word, event.row) == ("warning", 2)
    assert event.evidence["reason"] == "key absent"
    assert (event.evidence["metric"], event.evidence["steps_at_risk"]) == ("val/f2", 200)
    assert event.evidence["seconds_at_risk"] == 120


def test_a_mode_the_wrong_way_round_is_named() -> None:
    event = _events(RISING, {1}, **BEST | {"mode": "min"})[0]
    assert (event.severity.word, event.evidence["reason"]) == ("warning", "mode inverted")


def test_a_metric_that_never_beats_its_first_value_is_named() -> None:
    told = _events([0.0] * 5, set(), **BEST)
    assert [(e.severity.word, e.evidence["reason"]) for e in told[:2]] == [
        ("info", "never beat its first value"),
        ("warning", "never beat its first value"),
    ]


def test_new_bests_that_nothing_is_written_for_are_told() -> None:
    assert _events(RISING, set(), **BEST)[0].evidence["reason"] == "none written"
    event = _events(RISING, {1, 2, 3})[0]
    assert (event.severity.word, event.evidence["reason"]) == ("warning", "none written")
    assert event.evidence["last_step"] == 300


def test_a_checkpoint_clears_it() -> None:
    assert _events(RISING, {6}, **BEST)[-1].kind == "cleared"


def test_half_an_hour_after_an_evaluation_is_too_long() -> None:
    records = _log([0.3], set(), **BEST)
    for step in range(101, 401):
        time = 1e9 + 60 + 10 * (step - 100)
        records.append({"step": step, "time": time, "train/loss": 1.0})
    event = replay(RULE, records)[0].event
    assert event.evidence["reason"] == "none written"
    assert 1_800 <= event.evidence["seconds_at_risk"] - 60 <= 1_880


@pytest.mark.parametrize(
    ("values", "saved", "config"),
    [
        (RISING, set(), {"monitor": "val/f1"}),  # nothing says that any is wanted
        (RISING, set(), {"checkpoint": "weights/start.pt"}),  # a path to load from
        (RISING, set(), {"checkpoint": "best", "save_every": 5}),
        (RISING[:3] + [0.4] * 8, {1, 2, 3}, BEST),  # nothing better came
        (RISING, {2, 4, 6, 8}, {}),  # every second epoch
        (RISING, set(range(1, 9)), BEST),
    ],
)
def test_ordinary_runs_are_silent(values: list[float], saved: set[int], config: Record) -> None:
    assert not _events(values, saved, **config)


def test_regular_checkpoints_that_stop_coming_are_missed() -> None:
    flat = [0.5] * 20
    event = _events(flat, {2, 4, 6, 8}, by=None)[0]
    assert event.evidence["reason"] == "none written"
    assert event.row == 1 + 15 + 3  # header, fifteen evaluations, and the checkpoints but one
    assert not _events(flat, set(range(2, 21, 2)), by=None)


def test_checkpoints_by_another_metric_do_not_follow_this_one() -> None:
    flat = [0.5] * 20
    assert not _events(flat, {2, 4, 6, 8}, by="val/loss")


def test_logs_of_other_tools_do_not_tell_of_checkpoints() -> None:
    records: list[Record] = [{"event": "config", "config": BEST}, *_log(RISING, set())[1:]]
    assert not replay(RULE, records)


def _kept_once(path: str, accuracies: list[float]) -> list[Record]:
    """Return a log whose first evaluation alone is kept, by an accuracy beside a loss."""
    records: list[Record] = [{"trainmon": 1}]
    for epoch, accuracy in enumerate(accuracies, 1):
        place = {"step": 100 * epoch, "epoch": epoch}
        records.append(place | {"val/loss": 1 / epoch, "val/accuracy": accuracy})
        if epoch == 1:
            told = {"event": "checkpoint", "path": path, "metric": "val/accuracy"}
            records.append(place | told)
    return records


def test_one_checkpoint_that_is_called_the_best_tells_that_bests_are_kept() -> None:
    first = replay(RULE, _kept_once("best.pt", RISING))[0].event
    assert (first.severity.word, first.evidence["reason"]) == ("warning", "none written")
    assert (first.evidence["metric"], first.evidence["unsaved_bests"]) == ("val/accuracy", 4)
    assert not replay(RULE, _kept_once("epoch1.pt", RISING))


def test_the_metric_that_a_checkpoint_names_tells_of_bests_and_not_the_loss() -> None:
    assert not replay(RULE, _kept_once("best.pt", [0.9, 0.8, 0.85, 0.7, 0.7, 0.8, 0.85, 0.8]))
