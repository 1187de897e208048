"""Live files are looked at often, resting ones rarely, and a wake cuts the rest short."""

from math import inf

import pytest

from trainmon.tail import Schedule
from trainmon.tail.schedule import SLOWEST, STEADY_LOOKS, STEADY_REST, TICK


def wait_after_rest(seconds: float) -> float:
    """Return how long a file rests until the next look, having grown `seconds` ago."""
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    schedule.looked("log", now=0.0, grew=True)
    schedule.looked("log", now=seconds, grew=False)
    return schedule.next_due(seconds) - seconds


@pytest.mark.parametrize(
    ("rest", "wait"), [(0.0, 0.05), (1.0, 0.05), (5.0, 0.25), (20.0, 1.0), (40.0, 2.0), (1e6, 2.0)]
)
def test_the_wait_grows_with_the_rest_up_to_two_seconds(rest: float, wait: float) -> None:
    assert wait_after_rest(rest) == pytest.approx(wait, abs=TICK / 10)


def test_a_new_file_is_due_at_once() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=7.0)
    assert schedule.due(now=7.0) == ["log"]
    assert schedule.next_due(now=7.0) == 7.0


def test_a_file_stays_due_until_it_was_looked_at() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    assert [schedule.due(0.0), schedule.due(1.0)] == [["log"], ["log"]]
    schedule.looked("log", now=1.0, grew=True)
    assert schedule.due(1.0) == []


def test_adding_a_known_file_changes_nothing() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    schedule.looked("log", now=0.0, grew=False)
    schedule.add("log", now=0.0)
    assert schedule.due(now=0.0) == []


def test_a_file_with_more_to_read_is_due_again_behind_the_others() -> None:
    schedule = Schedule[str]()
    schedule.add("long", now=0.0)
    schedule.add("short", now=0.0)
    schedule.looked("long", now=0.0, grew=True, more=True)
    assert schedule.due(0.0) == ["short", "long"]


def test_growth_makes_a_resting_file_live_again() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    schedule.looked("log", now=100.0, grew=False)
    schedule.looked("log", now=102.0, grew=True)
    assert schedule.next_due(102.0) == pytest.approx(102.0 + TICK)


def test_a_wake_makes_a_resting_file_due_at_once() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    schedule.looked("log", now=100.0, grew=False)
    assert schedule.due(100.5) == []
    schedule.wake("log", now=100.5)
    assert schedule.due(100.5) == ["log"]


def test_a_storm_of_wakes_costs_no_more_looks_than_a_live_file() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    looks = 0
    for millisecond in range(100_000, 101_000):
        now = millisecond / 1000
        schedule.wake("log", now)
        for key in schedule.due(now):
            schedule.looked(key, now, grew=False)
            looks += 1
    assert 10 <= looks <= 1 / TICK + 1


def test_without_any_wake_nothing_rests_longer_than_the_slowest_wait() -> None:
    schedule = Schedule[int]()
    for key in range(50):
        schedule.add(key, now=0.0)
    last_look = dict.fromkeys(range(50), 0.0)
    now = 0.0
    while now < 200.0:
        for key in schedule.due(now):
            assert now - last_look[key] <= SLOWEST + TICK
            last_look[key] = now
            schedule.looked(key, now, grew=False)
        now = schedule.next_due(now)


def test_a_thousand_quiet_files_wake_the_reader_at_most_once_a_tick() -> None:
    schedule = Schedule[int]()
    for key in range(1000):
        schedule.add(key, now=key / 1000)
        schedule.looked(key, now=100 + key / 500, grew=False)
    now, wakings, looks = 103.0, 0, 0
    while now < 113.0:
        for key in schedule.due(now):
            schedule.looked(key, now, grew=False)
            looks += 1
        now = schedule.next_due(now)
        wakings += 1
    assert wakings <= 10 / TICK + 1
    assert looks == pytest.approx(10 / SLOWEST * 1000, rel=0.05)


def test_a_removed_file_is_never_due() -> None:
    schedule = Schedule[str]()
    schedule.add("ready", now=0.0)
    schedule.add("waiting", now=0.0)
    schedule.looked("waiting", now=0.0, grew=True)
    for key in ("ready", "waiting", "unknown"):
        schedule.remove(key)
        schedule.wake(key, now=0.0)
        schedule.looked(key, now=0.0, grew=True)
    assert schedule.due(now=10.0) == []
    assert schedule.next_due(now=10.0) == inf
    assert len(schedule) == 0
    assert "ready" not in schedule


def test_files_that_were_slowed_down_are_due_together_however_they_grow() -> None:
    schedule = Schedule[int]()
    for key in range(100):
        schedule.add(key, now=0.0)
        schedule.slow_down(key, 4.0)
        schedule.looked(key, now=key / 100, grew=True)
    assert schedule.next_due(now=1.0) == pytest.approx(4.0, abs=TICK)
    assert len(schedule.due(now=4.0 + TICK)) == 100


def test_a_file_that_was_slowed_down_is_not_woken() -> None:
    schedule = Schedule[str]()
    schedule.add("rank17.jsonl", now=0.0)
    schedule.slow_down("rank17.jsonl", 4.0)
    schedule.looked("rank17.jsonl", now=0.5, grew=True)
    schedule.wake("rank17.jsonl", now=1.0)
    assert schedule.due(now=1.0) == []


def grown_steadily() -> Schedule[str]:
    """Return a schedule of a file that grew at each look so far, the last one at 0."""
    schedule = Schedule[str]()
    schedule.add("log", now=-10.0)
    for look in range(STEADY_LOOKS):
        schedule.looked("log", now=-0.2 * (STEADY_LOOKS - 1 - look), grew=True)
    return schedule


def test_a_file_that_grows_at_each_look_grows_steadily() -> None:
    assert grown_steadily().is_steady("log")


def test_a_file_that_grows_at_some_looks_does_not_grow_steadily() -> None:
    schedule = Schedule[str]()
    schedule.add("log", now=0.0)
    for look in range(10 * STEADY_LOOKS):
        schedule.looked("log", now=0.05 * look, grew=look % 4 == 0)
        assert not schedule.is_steady("log")


@pytest.mark.parametrize(
    ("rest", "steady"), [(STEADY_REST - 0.1, True), (STEADY_REST + 0.1, False)]
)
def test_a_file_that_rests_for_long_does_not_grow_steadily_any_more(
    rest: float, *, steady: bool
) -> None:
    schedule = grown_steadily()
    schedule.looked("log", now=rest, grew=False)
    assert schedule.is_steady("log") is steady
    schedule.looked("log", now=rest + 0.05, grew=True)
    assert schedule.is_steady("log") is steady


def test_a_file_that_is_forgotten_begins_anew() -> None:
    schedule = grown_steadily()
    schedule.remove("log")
    assert not schedule.is_steady("log")
