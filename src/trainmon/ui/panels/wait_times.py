"""The waits for batches over the run: every spike, how often they come, and the worst numbered."""

from collections.abc import Hashable, Sequence
from math import isfinite

from trainmon.ui.charts.bars import draw_bars
from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.chart import Limit, Mark, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart
from trainmon.ui.charts.numbers import duration, share
from trainmon.ui.curves.looking import cross_hair, options_of
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.waits import Waits, rhythm, spikes_found, waits_of, worst_of

_RHYTHM = 2
"""Rows of the newest waits, with one of words over them."""

_ROWS_FOR_RHYTHM = 9
"""Rows from which on there is room for them below the chart."""


class WaitTimesPanel(Panel):
    """Waits for the data loader, all of them."""

    title = "waits"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and how charts are drawn."""
        return scene.state, scene.settings

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_wait_times(scene, height, width, focus=self.has_focus)


def draw_wait_times(scene: Scene, height: int, width: int, *, focus: bool = False) -> Grid:
    """Return the waits of the run of a scene over its course."""
    title: list[Part] = [("waits", Ink.TITLE)]
    run, settings = scene.run, scene.settings
    waits = waits_of(run, settings) if run else None
    if run is None or waits is None:
        hint = "no waits in this log:\nfor batch in log.batches(loader)"
        return empty(height, width, title, hint if run else "", focus=focus)
    grid, rows = Grid(height, width), height - 2
    limit = Limit(waits.limit, f"spike {duration(waits.limit)}")
    if rows >= _ROWS_FOR_RHYTHM:
        _draw_rhythm(grid, waits, rhythm(spikes_found(run)))
        rows -= _RHYTHM + 1
    options = options_of(run, settings, log_y=True, robust=False, limit=limit)
    series = [Series(waits.x, waits.y, Ink.SIGNAL, Ink.SIGNAL_RAW)]
    marks = [
        Mark(spike.place, spike.wait, str(spike.number), Ink.STRONG, hint=False)
        for spike in worst_of(run, settings)
        if isfinite(spike.place) and spike.wait > waits.limit
    ]
    marks += [*marks_of(run, settings, waits.metric, events=False), *cross_hair(run, settings)]
    grid.paste(draw_chart(rows, width - 2, series, marks, options).grid, 1, 1)
    border(grid, [*title, ("  s", Ink.DIM)], _values(waits), focus=focus)
    return grid


def _draw_rhythm(grid: Grid, waits: Waits, note: Sequence[Part]) -> None:
    """Draw the newest waits one by one, so that their rhythm is seen, and say what it is."""
    room = max(grid.width - 4, 1)
    newest = waits.recent[-room:]
    top = grid.height - 2 - _RHYTHM
    said: Part = (f"the last {len(newest):,} batches", Ink.DIM)
    words: list[Part] = [("spikes ", Ink.DIM), *note, ("   ", Ink.DIM), said] if note else [said]
    if note and width_of(words) > room:
        words = words[:-2]
    grid.write_parts(top, 2, shortened(words, room))
    bars = draw_bars(newest, _RHYTHM, room, Ink.SIGNAL, top=waits.limit, spike_above=waits.limit)
    grid.paste(bars, top + 1, 2)


def _values(waits: Waits) -> list[list[Part]]:
    """Return the usual wait, how many are spikes, and the longest."""
    values: list[list[Part]] = [[(duration(waits.median), Ink.STRONG)]]
    if len(waits.recent):
        ink = Ink.WARNING if waits.spikes else Ink.TEXT
        values.append([("  spikes ", Ink.DIM), (share(waits.spikes), ink)])
        values.append([("  max ", Ink.DIM), (duration(float(waits.recent.max())), Ink.TEXT)])
    return values
