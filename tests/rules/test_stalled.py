"""The live rule for silence: of whom it is expected, and how long it may last."""

from itertools import pairwise

import numpy as np
import pytest

from trainmon.digest import CELL
from trainmon.judge import Judge, replay
from trainmon.liveness import Process
from trainmon.rule import Event, EventKind, Moment
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


def _sampled(first: float, last: float, **readings: float) -> list[Record]:
    """Return what a sampler tells of the machine in some seconds, at no step."""
    named = {name.replace("__", "/"): value for name, value in readings.items()}
    told = {"sys/rss": 5e9, "sys/process/cores": 1.0} | {f"sys/{n}": v for n, v in named.items()}
    return [{"time": 1e9 + second, **told} for second in np.arange(first, last)]


AT_WORK = {"gpu0__util": 0.98, "gpu0__power": 600.0, "gpu0__power_limit": 700.0}
SPINS = {"gpu0__util": 1.0, "gpu0__power": 130.0, "gpu0__power_limit": 700.0}


def _watched(*silent: Record) -> list[Record]:
    """Return a log with a sample of the machine between any two steps, and what comes then."""
    samples = _sampled(0.5, 101.0, **AT_WORK)
    return [*(record for pair in zip(LOG, samples, strict=True) for record in pair), *silent]


def _decided(records: list[Record], cut: int = 0) -> list[Event]:
    return [decision.event for decision in replay(load("stalled"), records, cut=cut)]


def test_a_log_that_tells_of_the_machine_alone_tells_the_silence_without_a_clock() -> None:
    event, *_ = _decided(_watched(*_sampled(101.5, 300.0, **SPINS)))
    assert event.kind == EventKind.OPENED
    assert 60 < event.evidence["silence"] < 60 + 2 * CELL
    assert event.evidence["doing"] == "collective"
    assert event.onset == 200


def test_a_silence_that_goes_on_is_told_each_time_it_has_doubled() -> None:
    log = _watched(*_sampled(101.5, 700.0, **SPINS))
    events = _decided(log)
    assert [event.kind.value for event in events] == ["opened", "repeated", "repeated", "repeated"]
    silences = [event.evidence["silence"] for event in events]
    assert all(b >= 2 * a for a, b in pairwise(silences))
    assert events == _decided(log, cut=1) == _decided(log, cut=7)


def test_it_is_over_when_the_training_tells_of_a_step_again() -> None:
    later = [record | {"step": 200, "time": record["time"] + 250} for record in LOG[:20]]
    log = _watched(*_sampled(101.5, 210.0, **SPINS), *later)
    assert [event.kind.value for event in _decided(log)] == ["opened", "cleared"]
    assert _decided(log) == _decided(log, cut=1) == _decided(log, cut=7)


def test_it_is_over_when_the_run_tells_its_end_or_begins_anew() -> None:
    silent = _sampled(101.5, 210.0, **SPINS)
    for kind in ("finish", "exception"):
        events = _decided(_watched(*silent, {"event": kind, "time": 1e9 + 210}, *silent))
        assert [event.kind.value for event in events] == ["opened", "cleared"]
    begins: Record = {"trainmon": 1, "time": 1e9 + 210}
    assert [e.kind.value for e in _decided(_watched(*silent, begins))] == ["opened", "cleared"]


def test_an_evaluation_between_samples_of_the_machine_is_no_standstill() -> None:
    evaluation: Record = {"step": 101, "time": 1e9 + 155, "val/loss": 1.0}
    samples = _sampled(101.5, 155.0, **AT_WORK), _sampled(155.5, 210.0, **AT_WORK)
    assert not _decided(_watched(*samples[0], evaluation, *samples[1]))


def test_a_remark_about_a_probe_that_hangs_is_no_sign_of_life() -> None:
    note: Record = {"event": "note", "kind": "probe", "text": "GPU probe hangs", "time": 1e9 + 150}
    silent = _sampled(101.5, 150.0), _sampled(150.5, 170.0)
    assert _decided(_watched(*silent[0], note, *silent[1]))


def test_the_clock_counts_from_the_last_sample_and_the_silence_from_the_last_step() -> None:
    log = _watched(*_sampled(101.5, 131.0, **SPINS))
    assert _look(log, 61.0, grew=END + 45.0) is None
    event = _look(log, 81.0, grew=END + 45.0)
    assert event is not None
    assert event.evidence["silence"] == pytest.approx(30.5 + 36.0)
    assert event.evidence["doing"] == "collective"
