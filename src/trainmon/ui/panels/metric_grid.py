"""All metrics of the run as small charts: grouped by their names, filtered, pinned ones first."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.grid import Grid
from trainmon.ui.kept_charts import KeptCharts
from trainmon.ui.metric_wall import Look, draw_wall, metric_at, shelves_of
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.shelves import Shelves, shelved

_SOON = 0.25
"""Seconds until charts are drawn anew that had to wait: a little more than from frame to frame."""


class MetricGrid(Panel):
    """Every metric, as many at once as there is room for."""

    title = "metrics"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1, 0)", "left", show=False, tooltip="the chart on the left"),
        Binding("right,l", "move(1, 0)", "right", show=False, tooltip="the chart on the right"),
        Binding("up,k", "move(0, -1)", "up", show=False, tooltip="the chart above"),
        Binding("down,j", "move(0, 1)", "down", show=False, tooltip="the chart below"),
        Binding("pageup", "page(-1)", "page up", show=False, tooltip="a page of charts up"),
        Binding("pagedown", "page(1)", "page down", show=False, tooltip="a page of charts down"),
        Binding("home", "end(-1)", "first", show=False, tooltip="the first chart"),
        Binding("end", "end(1)", "last", show=False, tooltip="the last chart"),
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

    def action_move(self, across: int, down: int) -> None:
        """Move the cursor."""
        self._to(self._shelves().moved(self._cursor(), across, down))

    def action_page(self, by: int) -> None:
        """Move the cursor by as many charts as are in sight."""
        shelves = self._shelves()
        self._to(shelves.moved(self._cursor(), 0, by * shelves.in_sight(self._look.top)))

    def action_end(self, to: int) -> None:
        """Move the cursor to the first or to the last chart."""
        shelves = self._shelves()
        last = sum(len(shelf.metrics) for shelf in shelves.rows)
        self._to(shelves.moved(self._cursor(), to * last, 0))

    def action_open(self) -> None:
        """Ask for the chart under the cursor, large."""
        if self._cursor():
            self.post_message(self.Opened(self._cursor()))

    def action_pin(self) -> None:
        """Ask to pin the chart under the cursor."""
        if self._cursor():
            self.post_message(self.Pinned(self._cursor()))

    def on_click(self, event: events.Click) -> None:
        """Open the chart that was clicked."""
        metric = metric_at(self._shelves(), self._look, event.y, event.x, self.size.width)
        if metric:
            self._to(metric)
            self.post_message(self.Opened(metric))

    def on_mouse_scroll_down(self) -> None:
        """Move the cursor down."""
        self.action_move(0, 1)

    def on_mouse_scroll_up(self) -> None:
        """Move the cursor up."""
        self.action_move(0, -1)

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
