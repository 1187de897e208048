"""How much of the time of a step is spent waiting for its batch."""

from collections.abc import Hashable

import numpy as np

from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.chart import Limit, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import share
from trainmon.ui.charts.scale import snapped
from trainmon.ui.curves.curves import Curve, first_of
from trainmon.ui.curves.looking import axis_range, cross_hair, options_of
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene, Settings
from trainmon.view import RunView

_RECENT = 1_000
"""Steps that the current share is taken over, as the rule of spikes takes its own."""

_WINDOW, _WINDOWS = 10, 60
"""Steps of a window at least, and windows at most: enough steps for a share, and for a trend."""

_MUCH = 0.2
"""Of the time: from here on the rule of a slow loader warns."""


class WaitSharePanel(Panel):
    """The share of the time that waits for data."""

    title = "time waiting"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and how charts are drawn."""
        return scene.state, scene.settings

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_wait_share(scene, height, width, focus=self.has_focus)


def draw_wait_share(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the share of each step of the run of a scene that waits for data, in percent."""
    title: list[Part] = [("time waiting", Ink.TITLE)]
    run, settings = scene.run, scene.settings
    pair = _waits_and_steps(run, settings) if run else None
    if run is None or pair is None:
        hint = "no waits and steps: the share of time that waits for data"
        return empty(height, width, title, hint if run else "", focus=focus)
    waits, steps = pair
    values: list[list[Part]] = [
        [(_share(waits.y[-_RECENT:], steps.y[-_RECENT:]), Ink.STRONG)],
        [("  of the whole run ", Ink.DIM), (_share(waits.y, steps.y), Ink.TEXT)],
    ]
    x, percent = _in_windows(waits, steps)
    limit = Limit(100 * _MUCH, "loader-bound")
    options = options_of(
        run,
        settings,
        smooth=0.0,
        limit=limit,
        x_range=axis_range(run, settings),
        y_range=(0.0, snapped(0.0, float(percent.max(initial=0)))[1]),
    )
    series = [Series(x, percent, Ink.SIGNAL)]
    marks = [*marks_of(run, settings, waits.name, events=False), *cross_hair(run, settings)]
    title.append(("  %", Ink.DIM))
    return boxed(height, width, (title, values), series, marks, options, focus=focus)


def _waits_and_steps(run: RunView, settings: Settings) -> tuple[Curve, Curve] | None:
    """Return the wait and the time of each step that tells both."""
    waits = first_of(run, settings, Role.DATA_TIME)
    steps = first_of(run, settings, Role.STEP_TIME)
    if waits is None or steps is None:
        return None
    if len(waits.x) == len(steps.x) and np.array_equal(waits.x, steps.x, equal_nan=True):
        return waits, steps
    _, here, there = np.intersect1d(waits.x, steps.x, return_indices=True)
    if not len(here):
        return None
    return (
        Curve(waits.name, waits.x[here], waits.y[here]),
        Curve(steps.name, steps.x[there], steps.y[there]),
    )


def _in_windows(waits: Curve, steps: Curve) -> tuple[Floats, Floats]:
    """Return the ends of windows of steps and which percent of their time was waited.

    The shares of single steps would tell another tale: a stall that takes half of an hour is but
    one step of a thousand.
    """
    both = np.isfinite(waits.y) & np.isfinite(steps.y) & np.isfinite(waits.x)
    x, waited, whole = waits.x[both], waits.y[both], steps.y[both]
    if not len(x):
        return np.empty(0), np.empty(0)
    size = max(_WINDOW, -(-len(x) // _WINDOWS))
    starts = np.arange(0, len(x), size)
    ends = np.minimum(starts + size, len(x)) - 1
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share_of = np.add.reduceat(waited, starts) / np.add.reduceat(whole, starts)
    return x[ends], np.clip(100 * share_of, 0, 100)


def _share(waits: Floats, steps: Floats) -> str:
    """Return the share of the time of some steps that was waited, in words."""
    both = np.isfinite(waits) & np.isfinite(steps)
    total = float(np.sum(steps[both]))
    return share(min(float(np.sum(waits[both])) / total, 1.0)) if total > 0 else "?"
