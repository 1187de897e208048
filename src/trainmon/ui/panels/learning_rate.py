"""The learning rate and what was configured."""

from collections.abc import Hashable

from trainmon.causes.facts import rate
from trainmon.roles import Role
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.chart import Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.curves import first_of
from trainmon.ui.curves.looking import cross_hair, options_of, told_value
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene


class LearningRatePanel(Panel):
    """The schedule as it was run."""

    title = "learning rate"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and over what part of what axis."""
        settings = scene.settings
        return scene.state, settings.x_kind, settings.window, settings.cross_hair

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_learning_rate(scene, height, width, focus=self.has_focus)


def draw_learning_rate(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the learning rate of the run of a scene."""
    title: list[Part] = [("learning rate", Ink.TITLE)]
    run, settings = scene.run, scene.settings
    lr = None
    if run:
        lr = first_of(run, settings, Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE)
    if run is None or lr is None:
        hint = "no learning rate in this log:\nlog.watch(model, optimizer)"
        return empty(height, width, title, hint if run else "", focus=focus)
    values: list[list[Part]] = [[(_rate(told_value(run, settings, lr)), Ink.STRONG)]]
    configured = run.context.number("lr")
    if configured:
        values.append([(" of ", Ink.DIM), (_rate(configured), Ink.TEXT)])
    schedule = run.context.settings.get("schedule")
    if isinstance(schedule, str):
        values.append([(f"  {schedule}", Ink.DIM)])
    options = options_of(run, settings, log_y=False, smooth=0.0, robust=False)
    series, marks = [Series(lr.x, lr.y, Ink.SIGNAL)], cross_hair(run, settings)
    return boxed(height, width, (title, values), series, marks, options, focus=focus)


def _rate(value: float) -> str:
    return rate(value) if value > 0 else f"{value:g}"
