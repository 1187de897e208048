"""The wait for each batch: its usual length, and every spike."""

import numpy as np

from trainmon.roles import Role
from trainmon.ui.charts.bars import draw_bars
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration, share
from trainmon.ui.curves.curves import first_of
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.waits import LEAST, SPIKE, rhythm, spikes_found

_RECENT = 1_000
"""Waits that the numbers are taken over, as the rule takes its share."""

_PER_COLUMN = 2
"""Waits drawn in a column: few enough that the rhythm of spikes can be seen."""


class DataWaitPanel(Panel):
    """Waits for the data loader."""

    title = "data wait"

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the waits in their box."""
        return draw_data_wait(scene, height, width, focus=self.has_focus)


def draw_data_wait(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the recent waits of the run of a scene, one row of blocks or several."""
    title: list[Part] = [("data wait", Ink.TITLE)]
    run, settings = scene.run, scene.settings
    waits = first_of(run, settings, Role.DATA_TIME) if run else None
    if run is None or waits is None:
        hint = "no waits in this log:\nfor batch in log.batches(loader)"
        return empty(height, width, title, hint if run else "", focus=focus)
    grid = Grid(height, width)
    recent = waits.y[-_RECENT:]
    finite = recent[np.isfinite(recent)]
    median = float(np.median(finite)) if len(finite) else 0.0
    limit = max(SPIKE * median, LEAST)
    values: list[list[Part]] = [[(duration(median), Ink.STRONG)]]
    if len(finite):
        spikes = float(np.mean(finite > limit))
        ink = Ink.WARNING if spikes else Ink.TEXT
        values.append([("  spikes ", Ink.DIM), (share(spikes), ink)])
        values.append([("  max ", Ink.DIM), (duration(float(finite.max())), Ink.TEXT)])
    note = rhythm(spikes_found(run))
    worded = bool(note) and height > 3  # noqa: PLR2004 - a row for the waits, a row for the words
    if worded:
        grid.write_parts(height - 2, 2, shortened(note, width - 4))
    drawn = recent[-_PER_COLUMN * max(width - 4, 1) :]
    bars = draw_bars(
        drawn, height - 2 - worded, width - 4, Ink.SIGNAL, top=limit, spike_above=limit
    )
    grid.paste(bars, 1, 2)
    border(grid, title, values, focus=focus)
    return grid
