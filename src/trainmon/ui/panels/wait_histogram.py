"""How long batches are waited for: which waits are usual, and how far the tail reaches."""

from collections.abc import Hashable

import numpy as np

from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.histogram import HistogramOptions, Quantile, draw_histogram
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.waits import waits_of

_TAIL = 99.0
"""The percentile that is told beside the median: averages hide a slow batch in a hundred."""


class WaitHistogramPanel(Panel):
    """The distribution of waits."""

    title = "how long"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and the part of it that is shown."""
        return scene.state, scene.settings.window, scene.settings.x_kind

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the histogram in its box."""
        return draw_wait_histogram(scene, height, width, focus=self.has_focus)


def draw_wait_histogram(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the waits of the run of a scene by their length."""
    title: list[Part] = [("how long", Ink.TITLE)]
    run = scene.run
    waits = waits_of(run, scene.settings) if run else None
    if run is None or waits is None:
        hint = "no waits: which are usual, and how far the longest reach"
        return empty(height, width, title, hint if run else "", focus=focus)
    grid, values = Grid(height, width), list[list[Part]]()
    quantiles = []
    if len(waits.recent):
        tail = float(np.percentile(waits.recent, _TAIL))
        named = (("median", waits.median), (f"p{_TAIL:g}", tail))
        quantiles = [Quantile(value, f"{name} {duration(value)}") for name, value in named]
        values = [[(f"{len(waits.recent):,}", Ink.STRONG), (" waits", Ink.DIM)]]
    options = HistogramOptions(log=True, spelled=_spelled, spike_above=waits.limit)
    drawn = draw_histogram(height - 2, width - 4, waits.recent, quantiles, options)
    grid.paste(drawn.grid, 1, 2)
    border(grid, title, values, focus=focus)
    return grid


def _spelled(seconds: float) -> str:
    return duration(seconds).replace(".0 ", " ")  # ticks are round
