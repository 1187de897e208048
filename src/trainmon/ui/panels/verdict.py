"""The verdict: what is wrong, since when, and what to do, in a sentence or two."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.incidents import Incident
from trainmon.many_ranks import standing_for
from trainmon.report.text import wellness
from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.wording import INKS, health
from trainmon.view import RunView


class Verdict(Panel):
    """The worst finding, or that all is well."""

    title = "verdict"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "explain", "why", tooltip="open the card of the worst finding")
    ]

    class Explain(Message):
        """The card of the worst finding is wanted."""

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the sentence, and below it what to do."""
        return draw_verdict(scene, height, width, focus=self.has_focus)

    def action_explain(self) -> None:
        """Ask for the card of the worst finding."""
        self.post_message(self.Explain())

    def on_click(self) -> None:
        """Ask for the card of the worst finding."""
        self.post_message(self.Explain())


def draw_verdict(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the verdict on the run of a scene."""
    grid = Grid(height, width)
    run = scene.run
    if run is None:
        grid.write(0, 1, "trainmon formats lists the logs that are read", Ink.DIM)
        return grid
    trouble = run.trouble
    worst = standing_for(run.findings, trouble) if trouble else None
    if worst is None:
        grid.write_parts(0, 1, shortened(_without_finding(scene, run), width - 2))
        return grid
    hint_parts: list[Part] = [("↵ ", Ink.KEY), ("why", Ink.STRONG if focus else Ink.DIM)]
    end = width - 1 - width_of(hint_parts)
    grid.write_parts(0, end, hint_parts)
    grid.write_parts(0, 1, shortened(_sentence(worst), end - 3))
    action = first_fix(run, worst)
    if action and height > 1:
        parts: list[Part] = [("→ ", Ink.KEY), (action, Ink.TEXT)]
        grid.write_parts(1, 3, shortened(parts, width - 4))
    return grid


def first_fix(run: RunView, incident: Incident) -> str:
    """Return the first thing to do about a finding, if its cause is known."""
    for diagnosis in run.diagnosis:
        if incident.rule in diagnosis.because and diagnosis.fix:
            return diagnosis.fix[0]
    return ""


def _without_finding(scene: Scene, run: RunView) -> list[Part]:
    """Return how well it is, that the run is gone, or how far it has been judged."""
    if scene.view.reading is not None and run.last_step is not None:
        so_far = f"judged to step {run.last_step:,.0f}, nothing found so far"
        return [("… ", Ink.DIM), (so_far, Ink.DIM)]
    if not (run.clear or run.not_judged or run.findings):
        return [("… ", Ink.DIM), ("being judged", Ink.DIM)]
    glyph, ink = health(run)
    return [(f"{glyph} ", ink), (wellness(run), Ink.TEXT)]


def _sentence(incident: Incident) -> list[Part]:
    ink = INKS[incident.severity]
    return [
        (incident.heading, ink),
        (f": {incident.title}", Ink.TEXT),
    ]
