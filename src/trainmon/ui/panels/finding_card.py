"""The card of the finding under the cursor: facts on one side, picture and meaning on the other."""

from collections.abc import Hashable, Iterable
from itertools import zip_longest

from trainmon.incidents import Incident
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.findings.card_lines import fact_lines, head_lines, looked_lines, meaning_lines
from trainmon.ui.findings.evidence import draw_evidence, evidence_of, evidence_title
from trainmon.ui.flow import Line, flowed
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.view import RunView

_TWO_COLUMNS = 96
"""Cells from which on facts and meaning stand beside one another."""

_FACTS_SHARE = 0.4
"""Of the width: what facts get; the picture needs more."""

_CHART_HEIGHT, _LEAST_CHART, _CHART_SHARE = 18, 7, 0.45
"""Rows of the chart at most and at least, and what it may take of the card."""

_GAP = 3
"""Cells between facts and meaning."""

_MARGIN = 4
"""Cells of the border and its padding."""

_TURNED = 0.8
"""Of the rows in sight: how far a page is turned, so that the eye keeps its place."""


class FindingCard(Panel, can_focus=False):
    """The whole card, which scrolls."""

    title = "the card"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._top = 0
        self._shown: Hashable = None
        """The finding of which the card is scrolled."""

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, how charts are drawn, how far it is scrolled."""
        return scene.state, scene.settings, self._top

    def show(self, scene: Scene) -> None:
        """Draw the card of the selected finding; another one is shown from its beginning."""
        incident = selected(scene)
        shown = (scene.run and scene.run.key, incident and incident.key)
        if shown != self._shown:
            self._shown, self._top = shown, 0
        super().show(scene)

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the part of the card that is in sight."""
        return draw_finding_card(scene, height, width, self._top)

    def turn(self, pages: int) -> None:
        """Scroll by pages."""
        self._scroll(pages * max(1, int(_TURNED * (self.size.height - 2))))

    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self._scroll(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self._scroll(-_WHEEL)

    def _scroll(self, by: int) -> None:
        if self._scene is None:
            return
        lines = card_of(self._scene, self.size.height, self.size.width)
        last = max(0, len(lines) - (self.size.height - 2))
        self._top = max(0, min(last, self._top + by))
        self._redraw()


_WHEEL = 3
"""Lines that one turn of the wheel scrolls by."""


def selected(scene: Scene) -> Incident | None:
    """Return the finding under the cursor; the last one where there are fewer by now."""
    findings = scene.run.findings if scene.run else ()
    return findings[min(scene.selected, len(findings) - 1)] if findings else None


def draw_finding_card(scene: Scene, height: int, width: int, top: int = 0) -> Grid:
    """Return the card of the selected finding from a line on, in its box."""
    if scene.run is None:
        return empty(height, width, [("card", Ink.TITLE)], "", focus=False)
    grid = Grid(height, width)
    lines = card_of(scene, height, width)
    rows = max(height - 2, 0)
    top = max(0, min(top, len(lines) - rows))
    for at, line in enumerate(lines[top : top + rows], start=1):
        grid.write_parts(at, 2, line)
    incident = selected(scene)
    name = incident.rule if incident else "what was looked at"
    below = len(lines) - top - rows
    values = [[(f"↓ {below:,} lines", Ink.DIM)]] if below > 0 else []
    border(grid, [(name, Ink.TITLE)], values, focus=False)
    return grid


def card_of(scene: Scene, height: int, width: int) -> list[Line]:
    """Return the lines of the whole card for a panel of a size."""
    run, room = scene.run, max(width - _MARGIN, 1)
    if run is None:
        return []
    incident = selected(scene)
    if incident is None:
        return list(flowed([[(wellness(run), Ink.STRONG)], *looked_lines(run)], room))
    head = [*flowed(head_lines(run, incident), room), []]
    if room < _TWO_COLUMNS:
        return [
            *head,
            *_picture(scene, run, incident, (height, room)),
            *flowed(fact_lines(incident), room),
            *flowed(meaning_lines(run, incident), room),
            *flowed(looked_lines(run), room),
        ]
    left = int(_FACTS_SHARE * (room - _GAP))
    right = room - _GAP - left
    facts = flowed((*fact_lines(incident), *looked_lines(run)), left)
    picture = _picture(scene, run, incident, (height, right))
    meaning = list(flowed(meaning_lines(run, incident), right))
    beside = [*picture[:-1], *meaning] if picture else meaning[1:]
    return [*head, *_side_by_side(facts, beside, left + _GAP)]


def _picture(scene: Scene, run: RunView, incident: Incident, size: tuple[int, int]) -> list[Line]:
    """Return the chart of a finding as lines, an empty one behind it; nothing if there is none."""
    shown = evidence_of(run, incident, scene.settings)
    if shown is None:
        return []
    height = max(_LEAST_CHART, min(_CHART_HEIGHT, int(_CHART_SHARE * size[0])))
    chart = draw_evidence(run, incident, shown, scene.settings, (height, size[1]))
    rows: list[Line] = [list(chart.runs(row)) for row in range(chart.height)]
    return [shortened(evidence_title(run, shown), size[1]), *rows, []]


def _side_by_side(left: Iterable[Line], right: Iterable[Line], col: int) -> list[Line]:
    """Return two columns of lines, the second of which begins at a cell."""
    nothing: Line = []
    pairs = zip_longest(left, right, fillvalue=nothing)
    return [[*one, (" " * (col - width_of(one)), Ink.TEXT), *other] for one, other in pairs]
