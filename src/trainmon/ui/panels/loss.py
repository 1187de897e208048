"""Training and validation loss, with the findings at their onsets."""

from collections.abc import Hashable

from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.chart import Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.curves.headline import headline
from trainmon.ui.curves.looking import cross_hair, options_of, told_place, told_value
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene

_LABEL_SHARE = 4
"""The part of the panel's width that a label may take: two of them and a title fit."""


class LossPanel(Panel):
    """The curves that matter most."""

    title = "loss"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and how charts are drawn."""
        return scene.state, scene.settings

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_loss(scene, height, width, focus=self.has_focus)


def draw_loss(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the losses of the run and of the runs laid over it."""
    run, settings = scene.run, scene.settings
    shown = headline(run, settings) if run else None
    if run is None or shown is None:
        hint = 'no loss in this log:\nlog.log({"train/loss": loss}, step=step)'
        return empty(height, width, [("loss", Ink.TITLE)], hint if run else "", focus=focus)
    series = _overlaid(scene)
    values: list[list[Part]] = []
    for line in shown.lines:
        curve, alone = line.curve, len(shown.lines) == 1
        series.append(Series(curve.x, curve.y, line.ink, line.raw, "" if alone else line.label))
        gap = "   " if values else ""
        label = shortened([(line.label, line.ink)], max(len("train"), width // _LABEL_SHARE))
        values.append(
            [(gap, line.ink), *label, (f" {number(told_value(run, settings, curve))}", Ink.STRONG)]
        )
    title: list[Part] = [(shown.title, Ink.TITLE), *_how(scene)]
    marks = marks_of(run, settings, *(line.curve.name for line in shown.lines))
    marks += cross_hair(run, settings)
    options = options_of(run, settings)
    return boxed(height, width, (title, values), series, marks, options, focus=focus)


def _overlaid(scene: Scene) -> list[Series]:
    """Return the losses of the other runs, their validation loss where they have one."""
    series = []
    for other, ink in scene.overlays:
        shown = headline(other, scene.settings)
        if shown:
            drawn = shown.lines[0].curve
            series.append(Series(drawn.x, drawn.y, ink, Ink.FAINT, other.name))
    return series


def _how(scene: Scene) -> list[Part]:
    """Return how the chart is drawn, where that is not as usual."""
    words = []
    if scene.run and (place := told_place(scene.run, scene.settings)):
        words.append(f"at {place}")
    if scene.settings.log_y:
        words.append("log")
    if scene.settings.smooth:
        words.append(f"smoothed {scene.settings.smooth:g}")
    if not scene.settings.robust:
        words.append("full range")
    return [("  " + ", ".join(words), Ink.DIM)] if words else []
