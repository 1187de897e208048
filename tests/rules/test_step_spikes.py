"""The rule for single long steps: what is no spike, what is named, what is only worth knowing."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("step-spikes")


def _log(
    spikes: Sequence[int], *, length: int = 600, seconds: float = 1.5, wait: float = 0.002
) -> list[Record]:
    """Return steps of 100 ms, some of which take longer, with the wait for their batch."""
    work = np.random.default_rng(0).lognormal(np.log(0.1), 0.05, length)
    work[list(spikes)] += seconds
    times = 1e9 + np.cumsum(work + wait)
    return [
        {"step": step, "time": time, "data_time": wait, "step_time": whole}
        for step, (time, whole) in enumerate(
            zip(times.tolist(), (work + wait).tolist(), strict=True)
        )
    ]


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_long_steps_that_take_much_of_the_time_are_a_warning_with_their_period() -> None:
    *_, last = _events(_log(range(40, 600, 40)))
    assert (last.severity.word, last.onset) == ("warning", 40)
    assert last.evidence["period"] == 40
    assert last.evidence["max"] == pytest.approx(1.6, abs=0.1)


def test_a_period_of_garbage_collections_is_matched() -> None:
    header: Record = {"trainmon": 1, "config": {"gc_freq": 40}}
    *_, last = _events([header, *_log(range(40, 600, 40))])
    assert last.evidence["matches"] == "the 40 steps between garbage collections"


def test_waits_for_data_are_none_of_its_business() -> None:
    records = _log([])
    for record in records[40::40]:
        record["data_time"] += 3.0
        record["step_time"] += 3.0
    assert not _events(records)


def test_the_work_counts_in_a_run_that_waits_most_of_the_time() -> None:
    *_, last = _events(_log(range(40, 600, 40), seconds=4.0, wait=0.6))
    assert last.evidence["median"] == pytest.approx(0.1, abs=0.01)
    assert last.evidence["spikes"] == 14


@pytest.mark.parametrize("behind", [0, 1], ids=["before the step", "behind the step"])
def test_evaluations_are_no_spikes_whether_told_before_or_behind_the_step(behind: int) -> None:
    records = _log(range(50, 600, 50), seconds=20.0)
    for step in range(550, 0, -50):
        records.insert(step + behind, {"step": step, "val/loss": 1.0})
    assert not _events(records)


def test_the_first_step_of_an_epoch_is_none_unless_most_such_steps_are_quick() -> None:
    def in_epochs(spikes: Sequence[int]) -> list[Record]:
        return [record | {"epoch": record["step"] // 20} for record in _log(spikes)]

    assert not _events(in_epochs(range(20, 600, 20)))
    assert _events(in_epochs(range(60, 600, 60)))


def test_evaluations_in_every_fifth_epoch_are_compared_with_each_other() -> None:
    records = [r | {"epoch": r["step"] // 20} for r in _log(range(100, 600, 100), seconds=20.0)]
    for step in range(500, 0, -100):
        records.insert(step, {"step": step, "val/loss": 1.0})
    assert not _events(records)


def test_the_saving_of_checkpoints_is_worth_knowing_and_no_more() -> None:
    records = _log(range(50, 600, 50), seconds=20.0)
    for step in range(550, 0, -50):
        records.insert(step, {"event": "checkpoint", "step": step})
    *_, last = _events(records)
    assert last.severity.word == "info"
    assert last.evidence["at_checkpoints"] == 1
    assert last.evidence["matches"] == "the checkpoints"


@pytest.mark.parametrize("spread", [0.3, 0.6, 0.9])
def test_lengths_that_vary_by_factors_are_no_spikes(spread: float) -> None:
    work = np.random.default_rng(1).lognormal(np.log(0.1), spread, 2_000).tolist()
    assert not _events([{"step": n, "step_time": time} for n, time in enumerate(work)])


def test_slices_that_a_busy_cpu_takes_away_are_never_a_warning() -> None:
    rng = np.random.default_rng(2)
    work = 0.0008 + 0.02 * (rng.random(2_000) < 0.1)
    events = _events([{"step": n, "step_time": time} for n, time in enumerate(work.tolist())])
    assert {event.severity.word for event in events} == {"info"}


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_gaps_resumes_and_epochs_do_not_make_it_depend_on_the_cut(cut: int) -> None:
    rng = np.random.default_rng(cut)
    records = _log(np.flatnonzero(rng.random(900) < 0.03).tolist(), length=900)
    for record in records:
        if rng.random() < 0.05:
            del record["step_time"]
        record["epoch"] = record["step"] // 90
    records.insert(500, {"event": "resume", "step": 500})
    records.insert(300, {"event": "checkpoint", "step": 300})
    assert replay(RULE, records, cut=cut) == replay(RULE, records)
