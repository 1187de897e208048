"""Readings of the machine that are far apart: how long it lasted counts, not how many there are."""

from collections.abc import Mapping

import numpy as np
import pytest

from trainmon.judge import Decision, replay
from trainmon.rules import load
from trainmon.store.batch import Floats, Record

READINGS = 21
APART = 30
"""Steps between two readings, of a quarter of a second each."""

AT = np.arange(READINGS, dtype=np.float64)


Readings = Mapping[str, Floats | float]


def _log(readings: Readings, apart: int = APART, seconds: float = 0.25) -> list[Record]:
    """Return a log of each tenth step, with a reading now and then."""
    records: list[Record] = []
    for step in range(0, READINGS * apart, 10):
        record: Record = {"step": step, "epoch": step / 60, "time": 1e9 + seconds * step}
        record |= {"train/loss": 2.0, "step_time": seconds}
        if step % apart == 0:
            told = {name: np.broadcast_to(value, READINGS) for name, value in readings.items()}
            of_card = {"sys/" + name.replace("_of_", "/"): v for name, v in told.items()}
            record |= {name: float(value[step // apart]) for name, value in of_card.items()}
        records.append(record)
    return records


def _card(**readings: Floats | float) -> Readings:
    usual: Readings = {
        "util": 0.95 + 0.02 * np.sin(AT),
        "clock": 1_800.0,
        "clock_max": 1_980.0,
        "temp": 70.0,
        "mem_used": 60e9,
        "mem_total": 80e9,
    }
    return {f"gpu0_of_{name}": value for name, value in {**usual, **readings}.items()}


LEAK: Readings = {"rss": 8e9 + 1e9 * AT + 4e8 * np.sin(5 * AT), "mem_total": 64e9}

FAULTS = [
    ("gpu-starved", _card(util=0.38 + 0.04 * np.sin(3 * AT))),
    ("gpu-throttled", _card(clock=np.where(AT < 7, 1_800.0, 1_150.0), temp=90.0)),
    ("gpu-memory-high", _card(mem_used=79.2e9)),
    ("gpu-memory-high", _card(mem_used=76.4e9 + 1.1e8 * AT)),
    ("memory-leak", LEAK),
    ("memory-leak", _card(mem_used=31e9 + 1.9e9 * AT)),
]


def _decided(rule: str, records: list[Record], cut: int = 0) -> list[Decision]:
    return replay(load(rule), records, cut=cut)


@pytest.mark.parametrize(("rule", "readings"), FAULTS)
def test_a_few_readings_over_hundreds_of_steps_are_enough(rule: str, readings: Readings) -> None:
    whole = _decided(rule, _log(readings))
    assert whole[0].event.severity.word == "warning"
    for cut in (1, 3, 8):
        assert _decided(rule, _log(readings), cut) == whole


@pytest.mark.parametrize(("rule", "readings"), FAULTS)
def test_as_many_readings_within_a_few_seconds_are_not(rule: str, readings: Readings) -> None:
    assert not _decided(rule, _log(readings, seconds=0.01))
    assert not _decided(rule, _log(readings, apart=10, seconds=0.05))


def test_a_card_that_works_is_left_alone() -> None:
    for rule in ("gpu-starved", "gpu-throttled", "gpu-memory-high", "memory-leak"):
        assert not _decided(rule, _log(_card()))


@pytest.mark.parametrize(
    "used",
    [
        20e9 * (1 - np.exp(-AT / 5)) + 8e9,  # a cache that fills
        np.where(AT < 8, 8e9, 20e9),  # a step, as at the first evaluation
        8e9 + 6e9 * (AT % 4),  # garbage that is collected
        8e9 + 8e9 * np.minimum(AT, 3),  # data that are read in the first epochs
    ],
)
def test_memory_that_only_resembles_a_leak_is_none(used: Floats) -> None:
    assert not _decided("memory-leak", _log({"rss": used, "mem_total": 64e9}))
