"""How fast a line is, is found out by how soon a terminal answers; a fast one is left alone."""

from math import inf

import pytest

from tests.ui.opened import FakeTimer
from trainmon.ui.terminal.line import QUESTION, Line


class Wire:
    """A line of a speed, in bytes a second, and what an answer takes on it when it is empty."""

    def __init__(self, speed: float, seconds: float) -> None:
        self.speed = speed
        self.timer = FakeTimer()
        self.line = Line(self.timer)
        self._seconds = seconds
        self._free = self.timer.now
        self._answers: list[float] = []

    @property
    def under_way(self) -> float:
        """The bytes that have not arrived yet."""
        return max(0.0, self._free - self.timer.now) * self.speed

    def send(self, count: int) -> None:
        """Send a frame, as the app does."""
        self._take(count)
        self.line.given(count)
        if self.line.is_to_be_asked:
            self._ask()

    def wait(self, seconds: float) -> None:
        """Let time pass, with the answers that come meanwhile."""
        end = self.timer.now + seconds
        while self._answers and self._answers[0] <= end:
            self.timer.now = self._answers.pop(0)
            self.line.answered()
        self.timer.now = end
        if self.line.is_to_be_tried:
            self._ask()

    def _ask(self) -> None:
        self.line.asked()
        self._take(len(QUESTION))
        self._answers.append(self._free + self._seconds)

    def _take(self, count: int) -> None:
        self._free = max(self._free, self.timer.now) + count / self.speed


def after_a_page(speed: float, seconds: float) -> Wire:
    """Return a line on which a page has been opened, and some frames were sent."""
    wire = Wire(speed, seconds)
    wire.send(15_000)
    wire.wait(10.0)
    for _ in range(20):
        wire.send(100)
        wire.wait(0.9)
    return wire


@pytest.mark.parametrize(("speed", "seconds"), [(10_000, 0.005), (10_000, 0.3), (3_000, 0.05)])
def test_of_a_slow_line_the_speed_is_known_and_a_fifth_of_a_second_is_sent_ahead(
    speed: float, seconds: float
) -> None:
    line = after_a_page(speed, seconds).line
    assert line.speed == pytest.approx(speed, rel=0.2)
    line.given(100_000)
    assert line.room == 0
    line = after_a_page(speed, seconds).line
    assert line.room == pytest.approx(speed / 5, rel=0.5)


@pytest.mark.parametrize(("speed", "seconds"), [(1e7, 0.001), (1e6, 0.3), (1e5, 0.2)])
def test_a_fast_line_has_room_for_anything_however_far_it_goes(
    speed: float, seconds: float
) -> None:
    wire = after_a_page(speed, seconds)
    assert (wire.line.room, wire.line.is_busy) == (inf, False)
    wire.send(15_000)
    assert (wire.line.room, wire.line.is_busy) == (inf, False)


def test_nothing_is_known_of_a_terminal_that_never_answers() -> None:
    line = Line(FakeTimer())
    for _ in range(100):
        line.given(1_000)
    assert line.room == inf


def test_on_a_fast_line_usual_frames_ask_for_nothing() -> None:
    wire = after_a_page(1e7, 0.01)
    for _ in range(100):
        wire.line.given(1_000)
        assert not wire.line.is_to_be_asked
        wire.wait(0.2)


def test_what_is_sent_as_there_is_room_is_never_long_under_way() -> None:
    wire = after_a_page(10_000, 0.02)
    most = 0.0
    for _ in range(200):
        wire.send(min(int(wire.line.room), 900))
        most = max(most, wire.under_way)
        wire.wait(0.05)
    assert 1_000 < most < 3_500


def test_while_much_is_under_way_new_data_waits() -> None:
    wire = after_a_page(10_000, 0.02)
    busy = [wire.line.is_busy]
    for seconds in (0.0, 0.2):
        wire.send(1_900 if not seconds else 0)
        wire.wait(seconds)
        busy.append(wire.line.is_busy)
    assert busy == [False, True, False]


def test_a_line_that_has_become_fast_is_found_out() -> None:
    wire = after_a_page(10_000, 0.02)
    wire.wait(1.0)
    wire.speed = 1e7
    for _ in range(10):
        wire.send(min(int(wire.line.room), 2_000))
        wire.wait(0.2)
        if wire.line.room == inf:
            break
    assert wire.line.room == inf


def test_a_question_that_is_lost_is_asked_again() -> None:
    timer = FakeTimer()
    line = Line(timer)
    line.given(9_000)
    line.asked()
    asked = []
    for seconds in (1.0, 9.0):
        timer.now += seconds
        line.given(9_000)
        asked.append(line.is_to_be_asked)
    assert asked == [False, True]


def test_an_answer_is_owed_for_as_long_as_it_takes() -> None:
    wire = after_a_page(10_000, 0.1)
    wire.wait(1.0)
    assert wire.line.owed == 0
    wire.send(2_000)
    assert wire.line.owed == pytest.approx(0.3, abs=0.1)
    wire.wait(0.5)
    assert wire.line.owed == 0


def test_an_answer_that_textual_asked_for_tells_nothing() -> None:
    line = Line(FakeTimer())
    line.answered()
    assert (line.speed, line.is_to_be_tried) == (inf, False)
