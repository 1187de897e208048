"""Charts that go on with the training, a few at a time."""

from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.metrics.kept_charts import SECONDS, Asked, KeptCharts


class Clock:
    """Goes on by the time that each drawing takes."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.seconds = seconds
        self.drawn: list[str] = []

    def __call__(self) -> float:
        return self.now

    def asked(self, name: str, data: int) -> Asked:
        def draw() -> Grid:
            self.now += self.seconds
            self.drawn.append(name)
            grid = Grid(1, 8)
            grid.write(0, 0, f"{name}{data}", Ink.TEXT)
            return grid

        return Asked(name, data, draw)

    def frame(self, charts: KeptCharts, names: str, data: int) -> list[str]:
        """Return what is seen of some charts in a frame, and note those that were drawn."""
        self.drawn = []
        return [grid.text() for grid in charts.grids([self.asked(name, data) for name in names])]


def test_a_chart_whose_data_is_the_same_is_not_drawn_again() -> None:
    clock = Clock(0.0)
    charts = KeptCharts(clock)
    assert clock.frame(charts, "abc", 1) == clock.frame(charts, "abc", 1) == ["a1", "b1", "c1"]
    assert not clock.drawn
    assert not charts.late


def test_all_are_drawn_anew_if_there_is_time_for_them() -> None:
    clock = Clock(SECONDS / 100)
    charts = KeptCharts(clock)
    clock.frame(charts, "abc", 1)
    assert clock.frame(charts, "abc", 2) == ["a2", "b2", "c2"]
    assert not charts.late


def test_where_there_is_no_time_each_has_its_turn() -> None:
    clock = Clock(SECONDS * 2)
    charts = KeptCharts(clock)
    assert clock.frame(charts, "abc", 1) == ["a1", "b1", "c1"], "what is new is drawn at once"
    assert clock.frame(charts, "abc", 2) == ["a2", "b1", "c1"]
    assert charts.late
    assert clock.frame(charts, "abc", 3) == ["a2", "b3", "c1"]
    assert clock.frame(charts, "abc", 3) == ["a2", "b3", "c3"]
    assert clock.frame(charts, "abc", 3) == ["a3", "b3", "c3"]
    assert not charts.late


def test_a_key_waits_for_no_chart_that_is_there() -> None:
    clock = Clock(0.0)
    charts = KeptCharts(clock)
    clock.frame(charts, "ab", 1)
    with charts.held():
        assert clock.frame(charts, "abc", 2) == ["a1", "b1", "c2"]
    assert charts.late
    assert clock.frame(charts, "abc", 2) == ["a2", "b2", "c2"]


def test_what_is_not_seen_any_more_is_forgotten() -> None:
    clock = Clock(0.0)
    charts = KeptCharts(clock)
    for first in range(0, 6_000, 10):
        charts.grids([clock.asked(f"{number}", 1) for number in range(first, first + 10)])
    clock.drawn = []
    charts.grids([clock.asked("5995", 1), clock.asked("0", 1)])
    assert clock.drawn == ["0"]
