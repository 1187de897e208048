"""The rule for runs that wait for their data: what counts, what limits them, what hides it."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("loader-bound")


def _log(wait: float, *, length: int = 400, work: float = 0.1, since: int = 0) -> list[Record]:
    """Return steps that wait so long for their batch from one of them on."""
    waits = np.random.default_rng(0).lognormal(np.log(0.001), 0.3, length)
    waits[since:] += wait
    return [
        {"step": step, "data_time": time, "step_time": time + work}
        for step, time in enumerate(waits.tolist())
    ]


def _events(records: Sequence[Record], **config: float) -> list[Event]:
    header: Record = {"trainmon": 1, "config": config}
    return [decision.event for decision in replay(RULE, [header, *records])]


def test_waits_of_a_third_of_the_time_are_a_warning_since_they_began() -> None:
    (event, *_) = _events(_log(0.05, since=160))
    assert (event.severity.word, event.onset) == ("warning", 161)
    assert event.evidence["share"] == pytest.approx(1 / 3, abs=0.03)
    assert event.evidence["data_time"] == pytest.approx(0.05, abs=0.005)


def test_waits_of_a_tenth_of_the_time_are_worth_knowing() -> None:
    assert {event.severity.word for event in _events(_log(0.011))} == {"info"}


def test_a_healthy_loader_is_in_order() -> None:
    assert not _events(_log(0.0))


def test_it_is_over_when_the_waits_are() -> None:
    records = [*_log(0.05, length=200), *_log(0.0, length=200)]
    assert [event.kind for event in _events(records)][-1] == "cleared"


@pytest.mark.parametrize(
    ("machine", "limit"),
    [
        ({"sys/cpu": 0.97}, "cpu"),
        ({"sys/cpu": 0.2, "sys/io_wait": 0.5}, "storage"),
        ({"sys/cpu": 0.2, "sys/io_wait": 0.01}, "workers"),
    ],
)
def test_it_says_what_limits_the_loader(machine: dict[str, float], limit: str) -> None:
    event, *_ = _events([record | machine for record in _log(0.05)])
    assert event.evidence["limited_by"] == limit


def test_single_stalls_are_another_finding() -> None:
    records = _log(0.0)
    for record in records[::12]:
        record["data_time"] += 0.4
        record["step_time"] += 0.4
    assert not _events(records)


def test_the_first_batches_of_an_epoch_are_never_a_warning() -> None:
    records = _log(0.0)
    for record in records:
        record["epoch"] = record["step"] // 25
        if record["step"] % 25 < 8:
            record["data_time"] += 0.2
            record["step_time"] += 0.2
    assert {event.severity.word for event in _events(records)} == {"info"}


def test_epochs_of_six_batches_are_over_before_the_queues_are_full() -> None:
    records = [record | {"epoch": record["step"] // 6} for record in _log(7.0, work=0.5)]
    assert {event.severity.word for event in _events(records)} == {"info"}
    assert _events(records, num_workers=0)[0].severity.word == "warning"


def test_waits_behind_a_busy_gpu_are_worth_knowing_and_no_more() -> None:
    records = [record | {"sys/gpu0/util": 0.96, "sys/gpu1/util": 0.0} for record in _log(0.05)]
    assert {event.severity.word for event in _events(records)} == {"info"}


def test_a_model_that_takes_no_time_is_no_reason_to_act() -> None:
    assert {event.severity.word for event in _events(_log(0.002, work=0.002))} == {"info"}


def test_records_that_stand_for_ten_steps_are_judged_sooner() -> None:
    records = [record | {"step": 10 * record["step"]} for record in _log(0.05, length=40)]
    assert _events(records)[0].severity.word == "warning"


def test_waits_in_another_unit_than_the_steps_tell_nothing() -> None:
    assert not _events([r | {"data_time": 1e3 * r["data_time"]} for r in _log(0.05)])


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_gaps_and_resumes_do_not_make_it_depend_on_the_cut(cut: int) -> None:
    rng = np.random.default_rng(cut)
    records: list[Record] = []
    for record in _log(0.03, length=700, since=200):
        record["epoch"] = record["step"] // 40
        record["data_time"] *= float(rng.choice([0.3, 1.0, 2.0]))
        for name in ("step_time", "data_time"):
            if rng.random() < 0.05:
                del record[name]
        records.append(record)
    records.insert(400, {"event": "resume", "step": 400})
    assert replay(RULE, records, cut=cut) == replay(RULE, records)
