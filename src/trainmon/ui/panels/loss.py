"""Training and validation loss, with the findings at their onsets."""

from collections.abc import Hashable

from trainmon.roles import Role
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.chart import ChartOptions, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.curves import Curve, axis_of, curve, first_of
from trainmon.ui.marks import marks_of
from trainmon.ui.panel import Panel
from trainmon.ui.plots import boxed, empty
from trainmon.ui.scene import Scene
from trainmon.ui.wording import OVERLAY_INKS
from trainmon.view import RunView


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
    title: list[Part] = [("loss", Ink.TITLE)]
    run, settings = scene.run, scene.settings
    train, val = _losses(scene, run) if run else (None, None)
    if run is None or (train is None and val is None):
        hint = 'no loss in this log:\nlog.log({"train/loss": loss}, step=step)'
        return empty(height, width, title, hint if run else "", focus=focus)
    series = _overlaid(scene)
    values: list[list[Part]] = []
    if train:
        name = "train" if val else ""
        series.append(Series(train.x, train.y, Ink.TRAIN, Ink.TRAIN_RAW, name))
        values.append([("train ", Ink.TRAIN), (number(train.last), Ink.STRONG)])
    if val:
        series.append(Series(val.x, val.y, Ink.VAL, Ink.VAL_RAW, "val"))
        gap = "   " if values else ""
        values.append([(f"{gap}val ", Ink.VAL), (number(val.last), Ink.STRONG)])
    options = ChartOptions(
        log_y=settings.log_y,
        smooth=settings.smooth,
        robust=settings.robust,
        x_kind=axis_of(run.drawn, settings),
    )
    title += _how(scene)
    marks = marks_of(run, settings, *(c.name for c in (train, val) if c))
    return boxed(height, width, (title, values), series, marks, options, focus=focus)


def _losses(scene: Scene, run: RunView) -> tuple[Curve | None, Curve | None]:
    context, settings = run.context, scene.settings
    train = curve(run, context.train_loss, settings)
    val = curve(run, context.val_loss, settings) or (
        None if train else first_of(run, settings, Role.VAL_METRIC)
    )
    return train, val


def _overlaid(scene: Scene) -> list[Series]:
    """Return the losses of the other runs, their validation loss where they have one."""
    series = []
    for other, ink in zip(scene.overlays, OVERLAY_INKS, strict=False):
        train, val = _losses(scene, other)
        drawn = train or val
        if drawn:
            series.append(Series(drawn.x, drawn.y, ink, Ink.FAINT, other.name))
    return series


def _how(scene: Scene) -> list[Part]:
    """Return how the chart is drawn, where that is not as usual."""
    words = []
    if scene.settings.log_y:
        words.append("log")
    if scene.settings.smooth:
        words.append(f"smoothed {scene.settings.smooth:g}")
    if not scene.settings.robust:
        words.append("full range")
    return [("  " + ", ".join(words), Ink.DIM)] if words else []
