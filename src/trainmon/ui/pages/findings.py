"""The findings: all of them in a list, and the whole card of the one under the cursor."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trainmon.ui.page import Page
from trainmon.ui.panels.finding_card import FindingCard
from trainmon.ui.panels.incident_list import IncidentList, rows_of

_LIST_SHARE = 4
"""The part of the screen's rows that the list may take: a quarter."""

_BORDER, _LEAST_ROWS = 2, 3
"""Rows of the border of the list, and of the list with one finding."""


class Findings(Page):
    """What was found, the proof of it, and what could not be looked at."""

    AUTO_FOCUS = "IncidentList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "turn(1)", "scroll", tooltip="scroll the card down"),
        Binding("pageup", "turn(-1)", "scroll up", show=False, tooltip="scroll the card up"),
    ]

    def body(self) -> Iterable[Widget]:
        """Return the list over the card."""
        yield IncidentList(id="incident-list")
        yield FindingCard(id="finding-card")

    def redraw(self) -> None:
        """Draw what is on the desk; the list is as long as it needs, up to a share of the page."""
        findings = self._desk.run.findings if self._desk.run else ()
        rows = len(list(rows_of(findings, self._desk.choice.finding)))
        wanted = max(_LEAST_ROWS, min(rows + _BORDER, self.size.height // _LIST_SHARE))
        for panel in self.query(IncidentList):
            if panel.styles.height is None or panel.styles.height.value != wanted:
                panel.styles.height = wanted
        super().redraw()

    def action_turn(self, pages: int) -> None:
        """Scroll the card by pages."""
        self.query_one(FindingCard).turn(pages)
