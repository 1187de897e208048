"""The rule for stalls of the loader: what is chance, what is worth a word, what a warning."""

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("loader-spikes")


def _log(spikes: list[int], *, wait: float = 0.3, length: int = 1_000) -> list[Record]:
    """Return waits of about 4 ms in steps of 50 ms, with long ones at some batches."""
    waits = np.random.default_rng(0).lognormal(np.log(0.004), 0.3, length)
    waits[spikes] = wait
    times = 1e9 + np.cumsum(waits + 0.05)
    return [
        {"step": step, "time": float(times[step]), "data_time": float(waits[step])}
        for step in range(length)
    ]


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_four_spikes_are_chance() -> None:
    assert not _events(_log([100, 300, 500, 800]))


def test_the_fifth_spike_is_info_and_names_the_worst() -> None:
    event, *_ = _events(_log([100, 220, 410, 500, 810], wait=0.1))
    assert (event.row, event.onset, event.severity.word) == (810, 100, "info")
    assert event.evidence["worst"][0] == {"step": 100.0, "wait": 0.1}


def test_spikes_that_cost_three_percent_of_the_time_are_a_warning() -> None:
    *_, last = _events(_log(list(range(50, 1_000, 100))))
    assert last.severity.word == "warning"
    assert last.evidence["time_share"] >= 0.03


def test_steady_waits_are_no_spikes_however_long() -> None:
    records = [
        {"step": step, "time": 1e9 + step, "data_time": 0.5 + 0.01 * (step % 3)}
        for step in range(600)
    ]
    assert not _events(records)


def test_the_first_batches_of_an_epoch_are_not_counted() -> None:
    records = _log(list(range(100, 1_000, 100)), wait=2.0)
    for record in records:
        record["epoch"] = record["step"] / 100
    assert not _events(records)


def _with_step_times(records: list[Record], without: set[int]) -> list[Record]:
    return [r if r["step"] in without else r | {"step_time": 0.05} for r in records]


@pytest.mark.parametrize("late", [0, 1], ids=["the first", "the second"])
def test_the_first_batches_of_a_pass_are_not_counted_where_no_step_leads_to_it(late: int) -> None:
    opening = range(100, 1_000, 100)
    records = _log([step + late for step in opening], wait=2.0)
    assert not _events(_with_step_times(records, set(opening)))


def test_spikes_count_where_step_times_are_logged_rarely() -> None:
    records = _log(list(range(100, 1_000, 100)), wait=2.0)
    rarely = {step for step in range(1_000) if step % 10 != 9}
    assert _events(_with_step_times(records, rarely))


def test_stalls_below_ten_milliseconds_hide_behind_the_prefetch() -> None:
    records = _log(list(range(20, 1_000, 20)))
    assert not _events([r | {"data_time": r["data_time"] / 100} for r in records])


def test_it_is_over_after_five_hundred_calm_batches() -> None:
    *_, last = _events(_log(list(range(100, 200, 10))))
    assert (last.kind, last.row, last.onset) == ("cleared", 690, 100)


def test_calm_after_a_resume_counts_from_the_resume() -> None:
    before, after = _log(list(range(100, 200, 10)), length=250), _log([], length=600)
    *_, last = _events([*before, {"event": "resume"}, *after])
    assert (last.kind, last.row, last.onset) == ("cleared", 751, 100)


@pytest.mark.parametrize(
    ("every", "workers", "said"), [(12, 12, "the 12 workers"), (24, 12, "2 x the 12 workers")]
)
def test_a_period_is_named_and_matched_to_the_workers(every: int, workers: int, said: str) -> None:
    header: Record = {"trainmon": 1, "config": {"num_workers": workers}}
    *_, last = _events([header, *_log(list(range(every, 900, every)))])
    assert last.evidence["period"] == every
    assert last.evidence["matches"] == said


def test_the_machine_at_the_worst_spikes_is_told() -> None:
    machine = {"sys/cpu": 0.97, "sys/gpu0/util": 0.4}
    *_, last = _events([record | machine for record in _log(list(range(50, 900, 50)))])
    worst = last.evidence["worst"][0]
    assert (worst["cpu"], worst["gpu0/util"]) == (0.97, 0.4)


@pytest.mark.parametrize("workers", ["nan", "inf", -1, 0, 1e300])
def test_a_senseless_configuration_does_no_harm(workers: str | float) -> None:
    header: Record = {"trainmon": 1, "config": {"num_workers": workers}}
    assert _events([header, *_log(list(range(12, 900, 12)))])[-1].evidence["period"] == 12
