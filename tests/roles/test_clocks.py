"""Which values of what is called a time are those of a clock, or of the time so far."""

import numpy as np
import pytest

from trainmon.context import Context
from trainmon.judge import Judge, replay
from trainmon.rules import load
from trainmon.store.batch import Floats, Record, batch_of
from trainmon.store.lane import Lane

_N = 400


def _log(time: Floats, name: str = "time", *, waits: float = 0.1) -> list[Record]:
    return [
        {"step": step, "data_time": waits, name: value} for step, value in enumerate(time.tolist())
    ]


def _context(records: list[Record], cut: int = 0) -> Context:
    lane = Lane()
    judge = Judge(lane, [], strict=True)
    for start in range(0, len(records), cut or len(records)):
        lane.append(batch_of(records[start : start + (cut or len(records))], keys=None))
        judge.advance()
    return judge.context


def _durations() -> Floats:
    return np.asarray(np.random.default_rng(0).lognormal(np.log(0.3), 0.1, _N))


@pytest.mark.parametrize("name", ["iter_time", "train/time", "step_time"])
def test_unix_seconds_are_no_time_of_a_step(name: str) -> None:
    assert _context(_log(1.78e9 + np.cumsum(_durations()), name)).step_time is None
    assert _context(_log(_durations(), name)).step_time == name


@pytest.mark.parametrize("begin", [0.0, 5.0])
@pytest.mark.parametrize("cut", [0, 1, 7])
def test_what_passed_so_far_is_no_time_of_a_step(begin: float, cut: int) -> None:
    records = _log(begin + np.cumsum(_durations()), "train/time")
    assert _context(records, cut).step_time is None
    assert not replay(load("throughput-regression"), records, cut=cut)
    assert load("loader-bound").missing(_context(records, cut))


def test_steps_that_become_slower_all_the_time_are_still_told_in_durations() -> None:
    creeping = _log(np.linspace(0.2, 0.6, _N), "iter_time", waits=0.01)
    assert _context(creeping).step_time == "iter_time"
    assert replay(load("throughput-regression"), creeping)
