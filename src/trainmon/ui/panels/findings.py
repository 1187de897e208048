"""The findings of the run, one line each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.incidents import Incident, Key, Regard
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.cursor_panel import CursorPanel, first_shown, up_and_down
from trainmon.ui.plots import border, empty
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of


class FindingsPanel(CursorPanel):
    """What was found, the worst first."""

    title = "findings"
    BINDINGS: ClassVar[list[BindingType]] = [
        *up_and_down("finding"),
        Binding("enter", "open", "card", tooltip="open the card of the finding"),
        Binding(
            "a",
            "regard('acknowledged')",
            "acknowledge",
            id="finding.acknowledge",
            tooltip="acknowledge the finding, or not: it leads no more until it is news again",
        ),
        Binding(
            "m",
            "regard('muted')",
            "mute",
            id="finding.mute",
            tooltip="mute the finding, or not: it counts for nothing, in trainmon check neither",
        ),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is to stand on another finding."""

        index: int

    @dataclass
    class Opened(Message):
        """The card of a finding is wanted."""

        index: int

    @dataclass
    class Regarded(Message):
        """Something is said of a finding, or taken back."""

        key: Key
        regard: Regard

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_findings(scene, height, width, focus=self.has_focus)

    @property
    def count(self) -> int:
        """How many findings there are."""
        return len(self._findings)

    @property
    def place(self) -> int:
        """Which of them is selected."""
        return self._scene.selected if self._scene else 0

    def go(self, place: int) -> None:
        """Ask for the cursor on another finding."""
        self.post_message(self.Moved(place))

    def place_under(self, row: int, col: int) -> int | None:
        """Return the finding on a line of the panel."""
        del col
        rows = self.size.height - 2
        place = first_shown(self.place, rows) + row - 1
        return place if 0 < row <= rows and place < self.count else None

    def click(self, place: int) -> None:
        """Ask for the card of the finding that was clicked."""
        self.post_message(self.Opened(place))

    def action_open(self) -> None:
        """Ask for the card of the finding under the cursor."""
        if self.count:
            self.post_message(self.Opened(self.place))

    def action_regard(self, regard: str) -> None:
        """Say something of the finding under the cursor."""
        if self.place < self.count:
            self.post_message(self.Regarded(self._findings[self.place].key, Regard(regard)))

    @property
    def _findings(self) -> Sequence[Incident]:
        return self._scene.run.findings if self._scene and self._scene.run else ()


def draw_findings(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the findings of the run of a scene."""
    title: list[Part] = [("findings", Ink.TITLE)]
    run = scene.run
    if run is None or not run.findings:
        hint = wellness(run) if run else "nothing has been read yet"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    rows = height - 2
    first = first_shown(scene.selected, rows)
    for row, incident in enumerate(run.findings[first : first + max(rows, 0)]):
        under_cursor = focus and first + row == scene.selected
        parts = _line(incident)
        if under_cursor:
            grid.write(row + 1, 1, " " * (width - 2), Ink.SELECTED)
            parts = [(text, Ink.SELECTED) for text, _ in parts]
        grid.write_parts(row + 1, 2, shortened(parts, width - 4))
    border(grid, title, counts_of(run.findings), focus=focus)
    return grid


def counts_of(findings: Sequence[Incident]) -> list[list[Part]]:
    """Return how many findings need a person, and how many are known, over or muted."""
    counted = Counter(group_of(incident) for incident in findings)
    leading = counted.pop("open", 0)
    values: list[list[Part]] = [[(f"{leading} open", Ink.STRONG if leading else Ink.DIM)]]
    rest = [f"  {counted[group]} {group}" for group in ("known", "over", "muted") if counted[group]]
    return values + [[(text, Ink.DIM)] for text in rest]


def group_of(incident: Incident) -> str:
    """Return how a finding stands, in a word."""
    if incident.leads:
        return "open"
    if incident.regard is Regard.MUTED:
        return "muted"
    return "over" if incident.cleared else "known"


def _line(incident: Incident) -> list[Part]:
    """Return a finding in a line; how it stands comes before what may have to be cut off."""
    state = f"{incident.state}  " if incident.state else ""
    return [
        (f"{incident.severity.glyph} {incident.rule} ", ink_of(incident)),
        (f"{incident.since}  {state}", Ink.DIM),
        (incident.title, Ink.TEXT if incident.leads else Ink.DIM),
    ]
