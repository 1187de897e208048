"""The findings of the run, one line each."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.incidents import Incident
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.panel import Panel
from trainmon.ui.plots import border, empty
from trainmon.ui.scene import Scene
from trainmon.ui.wording import INKS


class FindingsPanel(Panel):
    """What was found, the worst first."""

    title = "findings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "previous", show=False, tooltip="the finding above"),
        Binding("down,j", "move(1)", "next", show=False, tooltip="the finding below"),
        Binding("enter", "open", "card", tooltip="open the card of the finding"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is to stand on another finding."""

        index: int

    @dataclass
    class Opened(Message):
        """The card of a finding is wanted."""

        index: int

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_findings(scene, height, width, focus=self.has_focus)

    def action_move(self, by: int) -> None:
        """Ask for the finding above or below."""
        if self._scene and self._scene.run:
            last = len(self._scene.run.findings) - 1
            self.post_message(self.Moved(max(0, min(last, self._scene.selected + by))))

    def action_open(self) -> None:
        """Ask for the card of the finding under the cursor."""
        if self._scene and self._scene.run and self._scene.run.findings:
            self.post_message(self.Opened(self._scene.selected))

    def on_click(self, event: events.Click) -> None:
        """Open the card of the finding that was clicked."""
        if self._scene and self._scene.run:
            first = first_shown(self._scene.selected, self.size.height - 2)
            index = first + event.y - 1
            if 0 < event.y < self.size.height - 1 and index < len(self._scene.run.findings):
                self.post_message(self.Opened(index))


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
    open_ones = sum(not incident.cleared for incident in run.findings)
    values = [[(f"{open_ones} open", Ink.STRONG if open_ones else Ink.DIM)]]
    over = len(run.findings) - open_ones
    if over:
        values.append([(f"  {over} over", Ink.DIM)])
    border(grid, title, values, focus=focus)
    return grid


def first_shown(selected: int, rows: int) -> int:
    """Return the first finding of a list of `rows` that holds the selected one."""
    return max(0, selected - max(rows, 1) + 1)


def _line(incident: Incident) -> list[Part]:
    if incident.cleared:
        return [(f"{incident.severity.glyph} {incident.rule}  {incident.title}  over", Ink.DIM)]
    ink = INKS[incident.severity]
    return [
        (f"{incident.severity.glyph} {incident.rule} ", ink),
        (f"{incident.since}  ", Ink.DIM),
        (incident.title, Ink.TEXT),
    ]
