"""The live rule for silence: of whom it is expected, and how long it may last."""

import pytest

from trainmon.judge import Judge
from trainmon.liveness import Process
from trainmon.rule import Event, Moment
from trainmon.rules import load
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

END = 1e9 + 100
LOG: list[Record] = [{"step": step, "time": 1e9 + step, "train/loss": 1.0} for step in range(101)]


def _look(
    records: list[Record],
    silence: float,
    *,
    process: Process = Process.ALIVE,
    grew: float | None = None,
) -> Event | None:
    lane = Lane()
    lane.append(batch_of(records))
    judge = Judge(lane, [load("stalled")])
    judge.advance()
    return judge.live(Moment(END + silence, process, grew))["stalled"]


def test_a_minute_of_silence_is_allowed_and_not_more() -> None:
    assert _look(LOG, 59.0) is None
    event = _look(LOG, 61.0)
    assert event is not None
    assert event.row == 100


def test_a_slow_run_may_be_silent_for_twenty_steps() -> None:
    slow = [record | {"time": END - 30.0 * (100 - record["step"])} for record in LOG]
    assert _look(slow, 599.0) is None
    assert _look(slow, 601.0) is not None


def test_silence_may_last_three_times_as_long_as_the_longest_evaluation() -> None:
    late = [record | {"time": record["time"] - 200.0 * (record["step"] < 50)} for record in LOG]
    assert _look(late, 600.0) is None
    assert _look(late, 604.0) is not None


def test_a_night_between_two_attempts_is_no_evaluation() -> None:
    early = [record | {"time": record["time"] - 30_000.0} for record in LOG]
    assert _look([*early, {"trainmon": 1, "time": 1e9 - 1}, *LOG], 61.0) is not None


@pytest.mark.parametrize("kind", ["finish", "exception", "stop"])
def test_nothing_is_expected_of_a_run_that_told_its_end(kind: str) -> None:
    end: Record = {"event": kind, "time": END}
    assert _look([*LOG, end, {"event": "checkpoint", "time": END}], 9_000.0) is None


def test_a_run_that_resumed_after_its_end_is_expected_to_log() -> None:
    resumed: list[Record] = [
        {"event": "finish", "time": 1e9 - 5},
        {"trainmon": 1, "time": 1e9 - 1},
        *LOG,
    ]
    assert _look(resumed, 61.0) is not None


def test_nobody_knows_of_a_process_elsewhere_unless_its_log_was_seen_to_grow() -> None:
    assert _look(LOG, 9_000.0, process=Process.UNKNOWN) is None
    assert _look(LOG, 9_000.0, process=Process.UNKNOWN, grew=END) is not None


def test_a_process_that_is_gone_is_another_finding() -> None:
    assert _look(LOG, 9_000.0, process=Process.GONE) is None


def test_a_log_without_times_has_no_rhythm() -> None:
    assert _look([{"step": 1, "train/loss": 1.0}] * 10, 9_000.0) is None
