"""Histograms: how often which values came, with the quantiles that one asks for.

500┤   ▂█▆    median          bars over equal parts of the axis,
│  ▄███▃   ┊
0┤▁▂█████▅▂▁┊▁         ▁▁   a value that came once is still seen
└──┬────────┬──────────┬
1 ms    10 ms     100 ms
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from trainmon.ui.charts.axis import labels, ticks
from trainmon.ui.charts.bars import draw_bars
from trainmon.ui.charts.bins import Bins, binned
from trainmon.ui.charts.cells import BLANK, codes
from trainmon.ui.charts.chart import Area, plot_column
from trainmon.ui.charts.frame import draw_x, draw_y, framed
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.charts.scale import Range, Scale, snapped

_HINT: Final = "┊"

_LEAST_TOP: Final = 4
"""Values at the top of the axis at least: a single one is no tower."""

_ROWS_PER_TICK: Final = 3
_COLUMNS_PER_TICK: Final = 9
_TICKS_MIN: Final = 3
"""Distances of ticks: names such as "100 ms" have two cells between them. Fewer would not be
round on a logarithmic axis; their names stay away where they do not fit."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """A value that is pointed out, and what it is called."""

    value: float
    label: str
    ink: Ink = Ink.DIM


@dataclass(frozen=True, slots=True)
class HistogramOptions:
    """How a histogram is drawn; a span that is None follows the data in round numbers.

    `spelled` writes a value of the axis. Bars that reach beyond `spike_above` take the ink of a
    warning.
    """

    log: bool = False
    span: Range | None = None
    spelled: Callable[[float], str] = number
    spike_above: float | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """A drawn histogram: its cells, where on them the bars lie, and what was counted."""

    grid: Grid = field(compare=False)
    plot: Area
    bins: Bins


def draw_histogram(
    height: int,
    width: int,
    values: ArrayLike,
    quantiles: Sequence[Quantile] = (),
    options: HistogramOptions | None = None,
) -> Histogram:
    """Return a histogram of `height` x `width` cells, axes included where there is room for them.

    There is a bin for each column; what was not finite is in none of them.
    """
    options = options or HistogramOptions()
    height, width = max(height, 0), max(width, 0)
    told = np.asarray(values, dtype=np.float64).ravel()
    # Labels get the room that all values in one bin would need: it stays where the counts grow.
    frame = framed(height, width, Scale(0.0, float(max(told.size, _LEAST_TOP))))
    plot = frame.plot
    bins = binned(told, plot.width, log=options.log, span=options.span)
    highest = max(int(bins.counts.max(initial=0)), _LEAST_TOP)
    top = Scale(*snapped(0.0, float(highest)))
    counts = ticks(top, max(plot.height // _ROWS_PER_TICK, 1), whole=True)
    grid = Grid(height, width)
    grid.paste(_bars(bins, plot, top, options), plot.row, plot.col)
    if frame.label_width:
        draw_y(grid, replace(frame, y_ticks=counts, y_labels=labels(counts)), top)
    if frame.has_x and plot.width:
        at = ticks(bins.scale, max(plot.width // _COLUMNS_PER_TICK, _TICKS_MIN))
        draw_x(grid, plot, bins.scale, at, [options.spelled(value) for value in at])
    _point_out(grid, plot, bins.scale, quantiles)
    return Histogram(grid, plot, bins)


def _bars(bins: Bins, plot: Area, top: Scale, options: HistogramOptions) -> Grid:
    grid = draw_bars(bins.counts, plot.height, plot.width, Ink.SIGNAL, top=top.high)
    if options.spike_above is not None and plot.width:
        share = float(np.clip(np.nan_to_num(bins.scale.position(options.spike_above)), 0, 1))
        first = ceil(share * plot.width)
        grid.inks[:, first:] = Ink.WARNING
    return grid


def _point_out(grid: Grid, plot: Area, x: Scale, quantiles: Sequence[Quantile]) -> None:
    """Write a name for each, in a row of its own, and draw a line from there down to the bars."""
    placed = [(quantile, plot_column(quantile.value, x, plot.width)) for quantile in quantiles]
    seen = [(quantile, plot.col + col) for quantile, col in placed if col is not None]
    seen = seen[: plot.height]
    for row, (quantile, col) in enumerate(seen):
        width = len(codes(quantile.label))
        for start in (col + 2, col - 1 - width):
            fits = plot.col <= start and start + width <= plot.col + plot.width
            if fits and (grid.chars[row, start : start + width] == BLANK).all():
                grid.write(row, start, quantile.label, quantile.ink)
                break
    for row, (quantile, col) in enumerate(seen):
        below = np.s_[row : plot.height, col]
        free = grid.chars[below] == BLANK
        grid.chars[below][free] = ord(_HINT)
        grid.inks[below][free] = quantile.ink
