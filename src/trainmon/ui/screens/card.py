"""The card of a finding: what was measured, since when, what it means, what to do."""

from collections.abc import Callable, Hashable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget

from trainmon.incidents import Incident, Key, Regard
from trainmon.ui.charts.cells import shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.findings.card_lines import card_lines
from trainmon.ui.findings.evidence import draw_evidence, evidence_of, evidence_title
from trainmon.ui.keys.bindings import bindings_of, spelled
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.screens.sheet import Sheet

Say = Callable[[Key, Regard], None]
"""Says something of a finding, or takes it back."""


_ROWS_FOR_PICTURE = 44
"""Rows of the terminal from which on a card has room for the curve and for what to do."""


class Card(Sheet):
    """One finding of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "go(1)", "next finding", tooltip="the card of the next finding"),
        Binding("N", "go(-1)", "previous finding", show=False, tooltip="that of the previous one"),
        Binding(
            "a",
            "regard('acknowledged')",
            "acknowledge",
            id="card.acknowledge",
            tooltip="acknowledge the finding, or not",
        ),
        Binding(
            "m",
            "regard('muted')",
            "mute",
            id="card.mute",
            tooltip="mute the finding, or not",
        ),
    ]

    def __init__(
        self, scene: Scene, incident: Incident, go: Callable[[int], None], say: Say
    ) -> None:
        lines = card_lines(scene.run, incident) if scene.run else ()
        super().__init__(list(lines), _keys())
        self._scene = scene
        self._incident = incident
        self._key = incident.key
        self._go = go
        self._say = say

    def pictures(self) -> Iterable[Widget]:
        """Return the curve it was seen in, if it is about one."""
        if self._scene.run and evidence_of(self._scene.run, self._incident, self._scene.settings):
            yield EvidencePanel(self._incident)

    def on_mount(self) -> None:
        """Draw the curve; from then on it goes on with the training."""
        for panel in self.query(EvidencePanel):
            panel.show(self._scene)

    def on_resize(self, event: events.Resize) -> None:
        """Show the curve where it does not push what to do out of sight."""
        for panel in self.query(EvidencePanel):
            panel.display = event.size.height >= _ROWS_FOR_PICTURE

    def action_go(self, by: int) -> None:
        """Give way to the card of another finding."""
        self.dismiss()
        self.app.call_later(self._go, by)

    def action_regard(self, regard: str) -> None:
        """Give way to the card as it is when this is said of the finding."""
        self.dismiss()
        self.app.call_later(self._say, self._key, Regard(regard))


class EvidencePanel(Panel, can_focus=False):
    """The curve of a finding around its onset."""

    title = "evidence"
    DEFAULT_CSS = "EvidencePanel { width: 100%; height: 9; }"

    def __init__(self, incident: Incident) -> None:
        super().__init__()
        self._incident = incident

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and how charts are drawn."""
        return scene.state, scene.settings

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart below the names of its curves, and an empty line below it."""
        grid = Grid(height, width)
        run = scene.run
        shown = evidence_of(run, self._incident, scene.settings) if run else None
        if run and shown:
            size = (height - 2, width)
            grid.write_parts(0, 0, shortened(evidence_title(run, shown), width))
            grid.paste(draw_evidence(run, self._incident, shown, scene.settings, size), 1, 0)
        return grid


def _keys() -> str:
    """Return what can be done here, in words."""
    shown = [binding for binding in bindings_of(Card) if binding.show]
    words = [f"{spelled(each.key.partition(',')[0])} {each.description}" for each in shown]
    return "   ".join(words)
