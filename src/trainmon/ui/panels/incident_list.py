"""All findings of the run in a list: what is open first, then what is known, over, muted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trainmon.incidents import Incident
from trainmon.many_ranks import Row, at, folded
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.cursor_panel import first_shown
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.panels.findings import FindingsPanel, counts_of, group_of
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of

_GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the list: a finding, or the heading of what follows."""

    row: Row | None
    heading: str = ""


class IncidentList(FindingsPanel):
    """The findings, with the one whose card is shown under the cursor."""

    title = "all findings"

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_incident_list(scene, height, width, focus=self.has_focus)

    def place_under(self, row: int, col: int) -> int | None:
        """Return the finding on a line of the panel; there is none on a heading."""
        del col
        shown = _in_sight(self._scene, self.size.height - 2) if self._scene else []
        found = shown[row - 1].row if 0 < row <= len(shown) else None
        return at(self._rows, found.index) if found else None

    def click(self, place: int) -> None:
        """Move to the finding that was clicked; open it where the cursor is on it already."""
        index = self._rows[place].index
        self.post_message(self.Opened(index) if place == self.place else self.Moved(index))


def draw_incident_list(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the findings of the run of a scene, one a line, in columns."""
    title: list[Part] = [("findings", Ink.TITLE)]
    run = scene.run
    if run is None or not run.findings:
        hint = wellness(run) if run else "nothing has been read yet"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    shown = _in_sight(scene, height - 2)
    columns = _columns([each.row.finding for each in shown if each.row])
    for place, each in enumerate(shown, start=1):
        if each.row is None:
            grid.write_parts(place, 2, shortened([(each.heading, Ink.DIM)], width - 4))
            continue
        parts = _line(each.row.finding, columns)
        if each.row.index == scene.selected:
            grid.write(place, 1, " " * (width - 2), Ink.SELECTED)
            parts = [(text, Ink.SELECTED) for text, _ in parts]
            parts += [("  → each of them", Ink.SELECTED)] if each.row.members else []
        grid.write_parts(place, 2, shortened(parts, width - 4))
    border(grid, title, counts_of(run.findings), focus=focus)
    return grid


def rows_of(findings: Sequence[Incident], selected: int = -1) -> Iterator[Shown]:
    """Yield the lines of the list; what needs a person has no heading, it is what matters."""
    group = "open"
    for row in folded(findings, selected):
        if group_of(row.finding) != group:
            group = group_of(row.finding)
            yield Shown(None, group)
        yield Shown(row)


def _in_sight(scene: Scene, height: int) -> list[Shown]:
    """Return the lines that there is room for, with that of the selected finding among them."""
    every = list(rows_of(scene.run.findings, scene.selected)) if scene.run else []
    places = enumerate(every)
    here = next(
        (place for place, each in places if each.row and each.row.index == scene.selected), 0
    )
    first = first_shown(here, height)
    return every[first : first + max(height, 0)]


def _columns(incidents: Sequence[Incident]) -> tuple[int, int, int]:
    """Return how wide the columns of rules, of onsets and of states are."""
    return (
        max((len(each.called) for each in incidents), default=0),
        max((len(each.since) for each in incidents), default=0),
        max((len(each.state) for each in incidents), default=0),
    )


def _line(incident: Incident, columns: tuple[int, int, int]) -> list[Part]:
    rule, since, state = columns
    known = f"{incident.state:{state + _GAP}}" if state else ""
    return [
        (f"{incident.severity.glyph} {incident.called:{rule + _GAP}}", ink_of(incident)),
        (f"{incident.since:{since + _GAP}}{known}", Ink.DIM),
        (incident.title, Ink.TEXT if incident.leads else Ink.DIM),
    ]
