"""The rule for GPUs that run below their clock: with a reason, and at work."""

from collections.abc import Sequence

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("gpu-throttled")


def _log(**readings: float) -> list[Record]:
    """Return a card that runs well for 100 steps, and then as it is told."""
    well = {"clock": 1_980, "clock_max": 1_980, "temp": 65, "util": 0.97}
    well |= {"power": 350, "power_limit": 700}
    return [
        {"step": n, **{f"sys/gpu0/{what}": v for what, v in (well | later).items()}}
        for n in range(300)
        for later in [readings if n >= 96 else {}]
    ]


def _with_reason(records: list[Record], reason: str) -> list[Record]:
    name = f"sys/gpu0/throttle/{reason}"
    return [r | {name: float(r["sys/gpu0/clock"] < 1_900)} for r in records]


def _events(records: Sequence[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_a_hot_card_that_slows_down_is_a_warning_since_it_began() -> None:
    event, *_ = _events(_log(clock=1_200, temp=91))
    assert (event.severity.word, event.onset) == ("warning", 96)
    assert (event.evidence["reason"], event.evidence["temp"]) == ("heat", 91)


@pytest.mark.parametrize("reason", ["thermal", "hw_slowdown", "hw_power_brake_slowdown"])
def test_a_slowdown_that_the_driver_names_is_a_warning(reason: str) -> None:
    event, *_ = _events(_with_reason(_log(clock=1_500), reason))
    assert (event.severity.word, event.evidence["told"]) == ("warning", [reason])


@pytest.mark.parametrize(("clock", "word"), [(1_450, "info"), (1_200, "warning")])
def test_a_card_at_its_power_limit_may_slow_down_by_a_quarter(clock: float, word: str) -> None:
    told = {e.severity.word for e in _events(_with_reason(_log(clock=clock), "sw_power_cap"))}
    assert told == {word}
    assert {e.severity.word for e in _events(_log(clock=clock, power=698))} == {word}


def test_an_idle_card_lowers_its_clock_by_design() -> None:
    assert not _events(_log(clock=300, util=0.02, temp=90))


def test_a_clock_without_a_reason_may_be_locked() -> None:
    assert not _events(_log(clock=1_200))


def test_a_warm_card_that_runs_well_is_in_order() -> None:
    assert not _events(_log(temp=86))


def test_where_the_driver_tells_of_heat_the_temperature_decides_nothing() -> None:
    assert not _events([r | {"sys/gpu0/throttle/thermal": 0.0} for r in _log(clock=1_500, temp=84)])


def test_it_is_over_when_the_card_runs_well_again() -> None:
    hot = _log(clock=1_200, temp=91)
    assert _events([*hot, *[r | {"step": r["step"] + 300} for r in _log()]])[-1].kind == "cleared"


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_it_does_not_depend_on_the_cut(cut: int) -> None:
    records = [*_log(clock=1_200, temp=91), {"event": "resume"}, *_log(clock=1_500, power=699)]
    assert replay(RULE, records, cut=cut) == replay(RULE, records)


def test_half_a_minute_of_heat_is_no_finding_where_samples_come_each_second() -> None:
    def sampled(hot_for: float) -> list[Record]:
        return [
            {
                "time": 1e9 + second,
                "sys/gpu0/clock": 1_200 if 100 <= second < 100 + hot_for else 1_980,
                "sys/gpu0/clock_max": 1_980,
                "sys/gpu0/util": 0.95,
                "sys/gpu0/temp": 88.0,
            }
            for second in range(400)
        ]

    assert not _events(sampled(30))
    assert _events(sampled(120))
