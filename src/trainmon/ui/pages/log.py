"""The log: the raw records as they come, to follow, to search and to see whole."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from trainmon.ui.page import Page
from trainmon.ui.panels.log_lines import LogLines
from trainmon.ui.records.record_lines import whole_lines
from trainmon.ui.records.records import records_at
from trainmon.ui.screens.sheet import Sheet
from trainmon.ui.typed_line import TypedLine


class Log(Page):
    """The records, and a line to search them."""

    AUTO_FOCUS = "LogLines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "metrics", "search", tooltip="search the records for a text"),
        Binding("n", "finding(1)", "next match", tooltip="the next match, else the next finding"),
        Binding(
            "N",
            "finding(-1)",
            "match before",
            show=False,
            tooltip="the match before, else the finding before",
        ),
    ]

    def body(self) -> Iterable[Widget]:
        """Return the line to search, hidden until it is asked for, over the records."""
        yield TypedLine("text of a record", id="search")
        yield LogLines(id="log-lines")

    def on_mount(self) -> None:
        """Mark what was searched when it was left."""
        super().on_mount()
        self.query_one(LogLines).mark(self._desk.log_search)

    def action_metrics(self) -> None:
        """Search the records instead of the metrics' names."""
        self.query_one(TypedLine).open(self._desk.log_search)

    def action_finding(self, by: int) -> None:
        """Go to the next match while something is searched, else to the next finding."""
        lines = self.query_one(LogLines)
        if lines.needle:
            lines.seek(by)
        else:
            super().action_finding(by)

    def action_back(self) -> None:
        """End the search."""
        line, lines = self.query_one(TypedLine), self.query_one(LogLines)
        if line.display or lines.needle:
            line.clear()
            line.close()
            self._search("")
            lines.focus()
        else:
            super().action_back()

    @on(Input.Changed)
    def _mark(self, event: Input.Changed) -> None:
        self._search(event.value)

    def _search(self, needle: str) -> None:
        self._desk.log_search = needle
        self.query_one(LogLines).mark(needle)

    @on(Input.Submitted)
    def _seek(self) -> None:
        """Go to the last match up to the cursor: the newest one, if the log is followed."""
        lines = self.query_one(LogLines)
        self.query_one(TypedLine).close()
        lines.focus()
        lines.seek(-1, here=True)

    @on(LogLines.Opened)
    def _open_record(self, event: LogLines.Opened) -> None:
        run = self._desk.run
        if run and event.row < run.lead.n_rows:
            rows = np.array([event.row], np.int32)
            self.app.push_screen(Sheet(whole_lines(records_at(run.lead, rows)[0])))
