"""The raw records of the run, one a line, the newest at the bottom."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.numbers import share
from trainmon.ui.cursor_panel import CursorPanel, pages_and_ends, up_and_down
from trainmon.ui.records.log_window import FRAME, Look, cursor_row, draw_log, first_row
from trainmon.ui.records.record_search import Search, search
from trainmon.ui.scene import Scene

_SEARCH_SECONDS = 0.02
"""Time that a search takes from the screen at once: a key does not wait longer for it."""

_WHEEL = 3
"""Lines that one turn of the wheel scrolls by."""


class LogLines(CursorPanel):
    """The log as it was written."""

    title = "log"
    wheel = _WHEEL
    BINDINGS: ClassVar[list[BindingType]] = [
        *up_and_down("record"),
        *pages_and_ends("record", "a page")[:-1],
        Binding("end", "last", "follow", tooltip="the newest record, and follow the log"),
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
        start = self.place + (0 if here else by)
        self._search = search(self._scene.run.lead, self._look.needle, start, forward=by > 0)
        self._go_on()

    @property
    def count(self) -> int:
        """How many records there are."""
        return self._scene.run.lead.n_rows if self._scene and self._scene.run else 0

    @property
    def place(self) -> int:
        """The row of the record under the cursor."""
        return cursor_row(self._look, self.count)

    @property
    def page(self) -> int:
        """As many records as are in sight, less one that stays."""
        return max(1, self._rows - 1)

    def go(self, place: int) -> None:
        """Move the cursor to a row, at the last to follow; that is enough of a search."""
        self._search = None
        look = replace(self._look, cursor=None if place >= self.count - 1 else place, note="")
        self._set(replace(look, top=first_row(look, self.count, self._rows)))

    def place_under(self, row: int, col: int) -> int | None:
        """Return the row of the record on a line of the panel."""
        del col
        place = first_row(self._look, self.count, self._rows) + row - 2
        return place if 1 < row <= self._rows + 1 and place < self.count else None

    def click(self, place: int) -> None:
        """Move the cursor to the record that was clicked; that under the cursor is opened."""
        if place == self.place:
            self.action_open()
        self.go(place)

    def action_open(self) -> None:
        """Ask to see the record under the cursor whole."""
        if self.count:
            self.post_message(self.Opened(self.place))

    @property
    def _rows(self) -> int:
        return max(self.size.height - FRAME, 0)

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
            top = first_row(self._look, self.count, self._rows)
            if not top <= ended.found < top + self._rows:  # with what stands around it
                self._look = replace(self._look, top=ended.found - self._rows // 2)
            self.go(ended.found)
        else:
            self._set(replace(self._look, note="not found"))

    def _set(self, look: Look) -> None:
        self._look = look
        self._redraw()
