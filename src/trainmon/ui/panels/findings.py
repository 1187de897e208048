"""The findings of the run, one line each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.incidents import Incident, Key, Regard
from trainmon.many_ranks import Row, at, folded
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.cursor_panel import CursorPanel, first_shown, up_and_down
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.scene import Scene
from trainmon.ui.wording import ink_of


class FindingsPanel(CursorPanel):
    """What was found, the worst first."""

    title = "findings"
    BINDINGS: ClassVar[list[BindingType]] = [
        *up_and_down("finding"),
        Binding(
            "right,l", "unfold", "ranks", show=False, tooltip="the ranks that a line stands for"
        ),
        Binding("left,h", "fold", "fold", show=False, tooltip="one line for all these ranks again"),
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
        """Something is said of findings, or taken back."""

        keys: tuple[Key, ...]
        regard: Regard

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_findings(scene, height, width, focus=self.has_focus)

    @property
    def count(self) -> int:
        """How many lines there are: one stands for all ranks of which a rule says the same."""
        return len(self._rows)

    @property
    def place(self) -> int:
        """Which of them is under the cursor."""
        return at(self._rows, self._scene.selected) if self._scene else 0

    def go(self, place: int) -> None:
        """Ask for the cursor on another line."""
        self.post_message(self.Moved(self._rows[place].index))

    def click(self, place: int) -> None:
        """Ask for the card of the finding that was clicked."""
        self.post_message(self.Opened(self._rows[place].index))

    def action_unfold(self) -> None:
        """Ask for the second of the ranks that the line under the cursor stands for."""
        row = self._row
        if row and row.members:
            self.post_message(self.Moved(row.members[1]))

    def action_fold(self) -> None:
        """Ask for the line that stands for the ranks of which one is under the cursor."""
        selected = self._scene.selected if self._scene else 0
        row = next((row for row in self._rows if selected in row.members[1:]), None)
        if row:
            self.post_message(self.Moved(row.index))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the arrows to the charts where there is nothing to fold."""
        del parameters
        return action not in {"fold", "unfold"} or any(row.members for row in self._rows)

    def action_open(self) -> None:
        """Ask for the card of the finding under the cursor."""
        if self._scene and self._scene.run and self._scene.run.findings:
            self.post_message(self.Opened(self._scene.selected))

    def action_regard(self, regard: str) -> None:
        """Say something of the finding under the cursor."""
        row = self._row
        if row and self._scene and self._scene.run:
            every = [self._scene.run.findings[index] for index in row.members or (row.index,)]
            keys = tuple(finding.key for finding in every)
            self.post_message(self.Regarded(keys, Regard(regard)))

    @property
    def _rows(self) -> list[Row]:
        """The lines of the list."""
        run = self._scene.run if self._scene else None
        return folded(run.findings, self._scene.selected) if run and self._scene else []

    @property
    def _row(self) -> Row | None:
        """The line under the cursor."""
        rows = self._rows
        return rows[at(rows, self._scene.selected)] if rows and self._scene else None


def draw_findings(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the findings of the run of a scene."""
    title: list[Part] = [("findings", Ink.TITLE)]
    run = scene.run
    if run is None or not run.findings:
        hint = wellness(run) if run else "nothing has been read yet"
        return empty(height, width, title, hint, focus=focus)
    grid = Grid(height, width)
    every, rows = folded(run.findings, scene.selected), height - 2
    selected = at(every, scene.selected)
    first = first_shown(selected, rows)
    for row, shown in enumerate(every[first : first + max(rows, 0)]):
        under_cursor = focus and first + row == selected
        parts = _line(shown.finding)
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
        (f"{incident.severity.glyph} {incident.called} ", ink_of(incident)),
        (f"{incident.since}  {state}", Ink.DIM),
        (incident.title, Ink.TEXT if incident.leads else Ink.DIM),
    ]
