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


def _with_readings(records: list[Record], spikes: list[int]) -> list[Record]:
    """Return a log in which an event tells of the machine at each spike, three records later."""
    told = {
        step + 3: {
            "event": "spike",
            "metric": "data_time",
            "step": step,
            "data_time": records[step]["data_time"],
            "cpu": 0.97,
            "mem_used": 60e9,
            "mem_total": 64e9,
            "gpu": {"gpu0": {"util": 0.4, "mem_used": 70e9, "mem_total": 80e9}},
        }
        for step in spikes
    }
    return [line for r in records for line in ((r, told[r["step"]]) if r["step"] in told else (r,))]


def test_what_spike_events_tell_of_the_machine_stands_at_the_worst() -> None:
    spikes = list(range(50, 400, 50))
    *_, last = _events(_with_readings(_log(spikes, length=500), spikes))
    assert last.kind == "repeated"
    assert all(spike["cpu"] == 0.97 for spike in last.evidence["worst"])
    assert last.evidence["worst"][0]["gpu0/util"] == 0.4
    assert last.evidence["mem_share"] == 60 / 64
    assert last.evidence["gpu_mem_share"] == 70 / 80


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_readings_that_come_late_do_not_make_it_depend_on_the_cut(cut: int) -> None:
    spikes = list(range(50, 400, 25))
    records = _with_readings(_log(spikes, length=500), spikes)
    assert replay(RULE, records, cut=cut) == replay(RULE, records)


@pytest.mark.parametrize("gpu", ["full", 3, {"gpu0": 1}, {"gpu0": {"util": "x"}}, None])
def test_readings_that_are_none_do_no_harm(gpu: object) -> None:
    records = _with_readings(_log([50, 100, 150, 200, 250, 300]), [50, 100, 150])
    for record in records:
        if "event" in record:
            record |= {"gpu": gpu, "cpu": None}
    assert "cpu" not in _events(records)[-1].evidence


def test_what_the_loader_holds_ready_is_told() -> None:
    config = {"num_workers": 12, "prefetch_factor": 4, "batch_size": 10_240, "sample_bytes": 600}
    header: Record = {"trainmon": 1, "config": config}
    evidence = _events([header, *_log(list(range(12, 900, 12)))])[-1].evidence
    assert evidence["buffered_batches"] == 48
    assert evidence["buffered_samples"] == 48 * 10_240
    assert evidence["buffered_bytes"] == 48 * 10_240 * 600


def test_three_stalls_that_take_much_of_the_time_are_enough() -> None:
    *_, last = _events(_log([300, 450, 620], wait=2.0))
    assert (last.severity.word, last.onset) == ("warning", 300)


def test_slices_that_a_busy_cpu_takes_away_are_never_a_warning() -> None:
    events = _events(_log(list(range(40, 1_000, 8)), wait=0.033))
    assert {event.severity.word for event in events} == {"info"}
    header: Record = {"trainmon": 1, "config": {"loader_spike_threshold": 0.02}}
    *_, last = _events([header, *_log(list(range(40, 1_000, 8)), wait=0.033)])
    assert last.severity.word == "warning"


def test_what_a_sampler_told_between_the_steps_stands_beside_the_worst() -> None:
    records: list[Record] = []
    for number, record in enumerate(load("loader-spikes").fires()):
        full = number % 12 == 11
        told = {"sys/cpu": 0.99 if full else 0.3, "sys/mem_used": 63e9 if full else 20e9}
        once = {"sys/mem_total": 64e9, "sys/gpu0/mem_total": 80e9} if not number else {}
        time = record["time"] - 0.01
        records += [{"time": time, **told, **once, "sys/gpu0/util": 0.1 if full else 0.9}, record]
        if number == 20:
            records.append({"event": "phase", "name": "unfreeze", "time": record["time"]})
    evidence = replay(load("loader-spikes"), records)[-1].event.evidence
    assert (evidence["cpu"], evidence["gpu_util"]) == (0.99, 0.1)
    assert evidence["mem_share"] == pytest.approx(63 / 64)


def test_a_period_is_told_in_batches_where_each_record_is_ten_of_them() -> None:
    records = [record | {"step": 10 * record["step"]} for record in _log(list(range(12, 900, 12)))]
    header: Record = {"trainmon": 1, "config": {"num_workers": 12}}
    last = _events([header, *records])[-1]
    assert last.evidence["period"] == 120
    assert last.evidence["matches"] == ""
