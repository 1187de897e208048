"""All metrics of the run as small charts: grouped by their names, filtered, pinned ones first."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.grid import Grid
from trainmon.ui.cursor_panel import CursorPanel, pages_and_ends, up_and_down
from trainmon.ui.metrics.kept_charts import KeptCharts
from trainmon.ui.metrics.metric_wall import Look, draw_wall, metric_at, shelves_of
from trainmon.ui.metrics.shelves import Shelves, shelved
from trainmon.ui.scene import Scene

_SOON = 0.25
"""Seconds until charts are drawn anew that had to wait: a little more than from frame to frame."""


class MetricGrid(CursorPanel):
    """Every metric, as many at once as there is room for."""

    title = "metrics"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "beside(-1)", "left", show=False, tooltip="the chart on the left"),
        Binding("right,l", "beside(1)", "right", show=False, tooltip="the chart on the right"),
        *up_and_down("chart"),
        *pages_and_ends("chart", "a page of charts"),
        Binding("enter", "open", "large", tooltip="show the chart large"),
        Binding("asterisk", "pin", "pin", tooltip="pin the chart to the top, or not"),
    ]

    @dataclass
    class Opened(Message):
        """A metric is to be seen large."""

        metric: str

    @dataclass
    class Pinned(Message):
        """A metric is to be pinned, or not any more."""

        metric: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._look = Look()
        self._charts = KeptCharts()
        self._times_drawn = 0

    @property
    def wanted(self) -> str:
        """What names are filtered by; empty where all are shown."""
        return self._look.wanted

    def filter(self, wanted: str) -> None:
        """Show the metrics of which the name matches."""
        self._set(replace(self._look, wanted=wanted, top=0))

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, how charts are drawn, what is looked at."""
        return scene.state, scene.settings, scene.pins, self._look

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the charts in sight."""
        grid = draw_wall(scene, height, width, self._look, self._charts, focus=self.has_focus)
        self._times_drawn += 1
        if self._charts.late:
            self.set_timer(_SOON, partial(self._go_on, self._times_drawn))
        return grid

    @property
    def count(self) -> int:
        """How many charts there are."""
        return len(self._shelves().metrics)

    @property
    def place(self) -> int:
        """Where the chart under the cursor is in the order of the shelves."""
        return self._shelves().metrics.index(self._cursor())

    @property
    def page(self) -> int:
        """As many shelves as are in sight."""
        return self._shelves().in_sight(self._look.top)

    def go(self, place: int) -> None:
        """Move the cursor to a chart."""
        self._to(self._shelves().metrics[place])

    def place_under(self, row: int, col: int) -> int | None:
        """Return the chart that is drawn at a cell."""
        shelves = self._shelves()
        metric = metric_at(shelves, self._look, row, col, self.size.width)
        return shelves.metrics.index(metric) if metric else None

    def click(self, place: int) -> None:
        """Open the chart that was clicked."""
        self.go(place)
        self.action_open()

    def action_move(self, by: int) -> None:
        """Move the cursor by shelves."""
        self._to(self._shelves().moved(self._cursor(), by))

    def action_beside(self, by: int) -> None:
        """Move the cursor to the chart before or behind."""
        super().action_move(by)

    def action_open(self) -> None:
        """Ask for the chart under the cursor, large."""
        if self._cursor():
            self.post_message(self.Opened(self._cursor()))

    def action_pin(self) -> None:
        """Ask to pin the chart under the cursor."""
        if self._cursor():
            self.post_message(self.Pinned(self._cursor()))

    def _go_on(self, times_drawn: int) -> None:
        """Draw the charts that had to wait, as far as there is time, unless a frame came before."""
        if times_drawn == self._times_drawn:
            self._drawn = None
            self._redraw()

    def _shelves(self) -> Shelves:
        if self._scene is None:
            return shelved((), 0, 0)
        return shelves_of(self._scene, self.size.height, self.size.width, self._look)

    def _cursor(self) -> str:
        """Return the metric under the cursor; empty where there is none."""
        shelves = self._shelves()
        if not shelves.rows:
            return ""
        at, col = shelves.place(self._look.cursor)
        return shelves.rows[at].metrics[col]

    def _to(self, metric: str) -> None:
        top = self._shelves().top(metric, self._look.top)
        self._set(replace(self._look, cursor=metric, top=top))

    def _set(self, look: Look) -> None:
        self._look = look
        with self._charts.held():
            self._redraw()
