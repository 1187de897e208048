import pytest

from trainmon.demo.pace import SLICE, Pace


class _Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_no_pace_never_sleeps() -> None:
    time = _Time()
    Pace(None, time.clock, time.sleep).wait()
    assert not time.slept


def test_a_long_wait_is_slept_in_slices() -> None:
    time = _Time()
    Pace(2.0, time.clock, time.sleep).wait()
    assert sum(time.slept) == pytest.approx(0.5)
    assert max(time.slept) <= SLICE


def test_time_lost_in_a_slow_step_is_not_made_up_for() -> None:
    time = _Time()
    pace = Pace(10.0, time.clock, time.sleep)
    time.now += 5.0
    pace.wait()
    assert not time.slept
    pace.wait()
    assert 0.09 < sum(time.slept) < 0.11
