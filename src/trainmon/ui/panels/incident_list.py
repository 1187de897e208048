"""All findings of the run in a list: what is open first, then what is known, over, muted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trainmon.incidents import Incident
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.cursor_panel import first_shown
from trainmon.ui.panels.findings import FindingsPanel, counts_of, group_of
from trainmon.ui.plots import border, empty
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of

_GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: a finding by its place among all, or the heading of what follows."""

    index: int | None
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
        return shown[row - 1].index if 0 < row <= len(shown) else None

    def click(self, place: int) -> None:
        """Show the card of the finding that was clicked; that of the one shown is opened."""
        same = place == self.place
        self.post_message(self.Opened(place) if same else self.Moved(place))


def draw_incident_list(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the findings of the run of a scene, one a line, in columns."""
    title: list[Part] = [("findings", Ink.TITLE)]
    run = scene.run
    if run is None or not run.findings:
        hint = wellness(run) if run else "nothing has been read yet"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    shown = _in_sight(scene, height - 2)
    incidents = [run.findings[row.index] for row in shown if row.index is not None]
    columns = _columns(incidents)
    for at, row in enumerate(shown, start=1):
        if row.index is None:
            grid.write_parts(at, 2, shortened([(row.heading, Ink.DIM)], width - 4))
            continue
        incident = run.findings[row.index]
        parts = _line(incident, columns)
        if row.index == scene.selected:
            grid.write(at, 1, " " * (width - 2), Ink.SELECTED)
            parts = [(text, Ink.SELECTED) for text, _ in parts]
        grid.write_parts(at, 2, shortened(parts, width - 4))
    border(grid, title, counts_of(run.findings), focus=focus)
    return grid


def rows_of(findings: Sequence[Incident]) -> Iterator[Row]:
    """Yield the lines of the list; what needs a person has no heading, it is what matters."""
    group = "open"
    for index, incident in enumerate(findings):
        if group_of(incident) != group:
            group = group_of(incident)
            yield Row(None, group)
        yield Row(index)


def _in_sight(scene: Scene, height: int) -> list[Row]:
    """Return the lines that there is room for, with that of the selected finding among them."""
    rows = list(rows_of(scene.run.findings)) if scene.run else []
    at = next((at for at, row in enumerate(rows) if row.index == scene.selected), 0)
    first = first_shown(at, height)
    return rows[first : first + max(height, 0)]


def _columns(incidents: Sequence[Incident]) -> tuple[int, int, int]:
    """Return how wide the columns of rules, of onsets and of states are."""
    return (
        max((len(each.rule) for each in incidents), default=0),
        max((len(each.since) for each in incidents), default=0),
        max((len(each.state) for each in incidents), default=0),
    )


def _line(incident: Incident, columns: tuple[int, int, int]) -> list[Part]:
    rule, since, state = columns
    known = f"{incident.state:{state + _GAP}}" if state else ""
    return [
        (f"{incident.severity.glyph} {incident.rule:{rule + _GAP}}", ink_of(incident)),
        (f"{incident.since:{since + _GAP}}{known}", Ink.DIM),
        (incident.title, Ink.TEXT if incident.leads else Ink.DIM),
    ]
