"""The raw records of the run, one a line, the newest at the bottom."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.numbers import share
from trainmon.ui.log_window import FRAME, Look, cursor_row, draw_log, first_row
from trainmon.ui.panel import Panel
from trainmon.ui.record_search import Search, search
from trainmon.ui.scene import Scene

_SEARCH_SECONDS = 0.02
"""Time that a search takes from the screen at once: a key does not wait longer for it."""

_WHEEL = 3
"""Lines that one turn of the wheel scrolls by."""


class LogLines(Panel):
    """The log as it was written."""

    title = "log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, tooltip="the record above"),
        Binding("down,j", "move(1)", "down", show=False, tooltip="the record below"),
        Binding("pageup", "page(-1)", "page up", show=False, tooltip="a page up"),
        Binding("pagedown", "page(1)", "page down", show=False, tooltip="a page down"),
        Binding("home", "first", "first", show=False, tooltip="the first record"),
        Binding("end", "follow", "follow", tooltip="the newest record, and follow the log"),
        Binding("enter", "open", "whole", tooltip="show the record whole"),
    ]

    @dataclass
    class Opened(Message):
        """A record is to be seen whole."""

        row: int

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(id=id)
        self._look = Look()
        self._run = ""
        """The run whose log is looked at."""
        self._search: Search | None = None
        self._timer = timer

    @property
    def needle(self) -> str:
        """What is searched; empty while nothing is."""
        return self._look.needle

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and what of it is looked at."""
        return scene.state, self._look

    def show(self, scene: Scene) -> None:
        """Draw the log; that of another run is followed."""
        run = scene.run.key if scene.run else ""
        if run != self._run:
            self._run, self._search = run, None
            self._look = Look(needle=self._look.needle)
        super().show(scene)

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the records in sight."""
        return draw_log(scene, height, width, self._look, focus=self.has_focus)

    def mark(self, needle: str) -> None:
        """Highlight a text wherever it stands; an empty one ends the search."""
        self._search = None
        self._set(replace(self._look, needle=needle, note=""))

    def seek(self, by: int, *, here: bool = False) -> None:
        """Go to the next match, or with -1 to the one before; it may be `here`, at the cursor."""
        if self._scene is None or self._scene.run is None or not self._look.needle:
            return
        start = self._cursor() + (0 if here else by)
        self._search = search(self._scene.run.lead, self._look.needle, start, forward=by > 0)
        self._go_on()

    def action_move(self, by: int) -> None:
        """Move the cursor; at the end it follows."""
        self._to(self._cursor() + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by as many records as are in sight."""
        self._to(self._cursor() + by * max(1, self._rows - 1))

    def action_first(self) -> None:
        """Move the cursor to the first record."""
        self._to(0)

    def action_follow(self) -> None:
        """Move the cursor to the newest record, and stay there."""
        self._to(self._count)

    def action_open(self) -> None:
        """Ask to see the record under the cursor whole."""
        if self._count:
            self.post_message(self.Opened(self._cursor()))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line that was clicked; that under the cursor is opened."""
        row = first_row(self._look, self._count, self._rows) + event.y - 2
        if 1 < event.y <= self._rows + 1 and row < self._count:
            if row == self._cursor():
                self.action_open()
            self._to(row)

    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.action_move(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.action_move(-_WHEEL)

    @property
    def _count(self) -> int:
        return self._scene.run.lead.n_rows if self._scene and self._scene.run else 0

    @property
    def _rows(self) -> int:
        return max(self.size.height - FRAME, 0)

    def _cursor(self) -> int:
        return cursor_row(self._look, self._count)

    def _to(self, row: int) -> None:
        """Move the cursor to a row; whoever moves it has seen enough of a search."""
        self._search = None
        last = self._count - 1
        look = replace(self._look, cursor=None if row >= last else max(row, 0), note="")
        self._set(replace(look, top=first_row(look, self._count, self._rows)))

    def _go_on(self) -> None:
        """Search on for a moment, and then again, until a match is found or all was looked at."""
        begun = self._timer()
        while self._search and self._scene and self._scene.run:
            if self._search.over:
                self._end(self._search)
            elif self._timer() - begun > _SEARCH_SECONDS:
                note = f"searching {share(self._search.share)}"
                self._set(replace(self._look, note=note))
                self.set_timer(_SEARCH_SECONDS, self._go_on)
                return
            else:
                self._search = self._search.further(self._scene.run.lead)

    def _end(self, ended: Search) -> None:
        self._search = None
        if ended.found is not None:
            top = first_row(self._look, self._count, self._rows)
            if not top <= ended.found < top + self._rows:  # with what stands around it
                self._look = replace(self._look, top=ended.found - self._rows // 2)
            self._to(ended.found)
        else:
            self._set(replace(self._look, note="not found"))

    def _set(self, look: Look) -> None:
        self._look = look
        self._redraw()
