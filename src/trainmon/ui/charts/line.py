"""Line charts: series in, a grid of inked braille with its axes out.

    2.0┤⣇
       │⠘⣆                   a dim band from the lowest to the highest raw value,
    1.0┤ ⠈⠢⣀      ● epoch 3   the smoothed line over it, marks where something happened,
       │    ⠑⠤⢄⣀⡀             a name near the newest point
    0.4┤         ⠈⠉⠑⠒⠒⠤⠤• val
       └──┬─────────┬───────
          0        10k

All that depends on the number of points happens in `points` and `columns`; from there on the cost
depends on the size of the chart alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.braille import (
    BRAILLE,
    DOTS_ACROSS,
    DOTS_DOWN,
    Patterns,
    dot_row,
    dot_rows,
    drawn,
)
from trainmon.ui.charts.chart import Chart, ChartOptions, Mark, Series
from trainmon.ui.charts.columns import Columns, columns, stacked
from trainmon.ui.charts.frame import axes
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ground import Easel
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.overlay import Overlay, draw_limit
from trainmon.ui.charts.painting import Plot, painted
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.ranges import range_of_x, range_of_y
from trainmon.ui.charts.scale import Scale
from trainmon.ui.charts.smoothing import smoothed


class _End(NamedTuple):
    """Where a line ends on the plot, and whether that is its newest point."""

    line: Series
    row: int
    col: int
    newest: bool


def draw_chart(
    height: int,
    width: int,
    series: Sequence[Series],
    marks: Sequence[Mark] = (),
    options: ChartOptions | None = None,
) -> Chart:
    """Return a chart of `height` x `width` cells, axes included where there is room for them.

    Series later in the list lie over earlier ones: where lines share a cell, all of their dots are
    shown in the ink of the last. Values that are not finite are marked and break the line.
    Raises ValueError if the x and y of a series differ in length.
    """
    options = options or ChartOptions()
    points = [Points.of(line.x, line.y, log=options.log_y) for line in series]
    x = Scale(*range_of_x(points, options))
    y = Scale(*range_of_y(points, x, options), log=options.log_y)
    frame, drawn_axes = axes(height, width, x, y, options.x_kind)
    grid = drawn_axes.copy()
    plot = Grid(frame.plot.height, frame.plot.width)
    if plot.width and plot.height:
        _draw_plot(plot, series, points, (x, y), marks, options)
        shown = Plot(series, points, x, y, marks, options, frame.y_ticks, plot.height)
        plot.easels = (Easel(0, 0, plot.height, plot.width, partial(painted, shown)),)
        grid.paste(plot, frame.plot.row, frame.plot.col)
    return Chart(grid, frame.plot, x, y, hidden=sum(each.hidden for each in points))


def _draw_plot(
    plot: Grid,
    series: Sequence[Series],
    points: Sequence[Points],
    scales: tuple[Scale, Scale],
    marks: Sequence[Mark],
    options: ChartOptions,
) -> None:
    """Draw everything inside the axes, from the bottom up."""
    x, y = scales
    lines = raw = columns(points, (x.low, x.high), plot.width * DOTS_ACROSS)
    if options.smooth > 0:
        means = smoothed(raw.mean, raw.position, options.smooth)
        lines = replace(raw, low=means, high=means, first=means, last=means)
        # Both at once: numpy takes its time by the call, not by the column.
        patterns = drawn(stacked(raw, lines), y, plot.height)
        _paint(plot, patterns[: len(series)], [line.raw_ink for line in series])
        patterns = patterns[len(series) :]
    else:
        patterns = drawn(raw, y, plot.height)
    if options.limit is not None:
        draw_limit(plot, options.limit, y)
    lined = _paint(plot, patterns, [line.ink for line in series])
    overlay = Overlay(plot, x, y, lined)
    if any(each.broken_x.size for each in points):
        levels = _levels(lines, y, plot.height)
        for each, level in zip(points, levels, strict=True):
            overlay.breaks(each.broken_x, level)
    ends = _ends(series, lines, y, plot.height)
    for end in ends:
        if end.newest:
            overlay.newest(end.row, end.col, end.line.ink)
    overlay.keep(marks)
    if options.limit is not None:
        overlay.limit(options.limit)
    for end in ends:
        overlay.name(end.line.label, end.line.ink, end.row, end.col)
    overlay.marks(marks)


def _paint(plot: Grid, patterns: Patterns, inks: Sequence[Ink]) -> NDArray[np.bool_]:
    """Lay lines on the plot and return their cells; what was there before gives way.

    Lines laid together are merged, but not with what lies beneath: a smoothed line that took the
    dots of its raw band would be as wide as a cell.
    """
    dots = np.bitwise_or.reduce(patterns, axis=0)
    lit: NDArray[np.bool_] = dots > 0
    plot.chars[lit] = BRAILLE + dots[lit].astype(np.uint32)
    for pattern, ink in zip(patterns, inks, strict=True):
        plot.inks[pattern > 0] = ink
    return lit


def _levels(lines: Columns, y: Scale, height: int) -> NDArray[np.intp]:
    """Return the row that each line was last seen in: series x dot columns.

    Before its beginning that is where it begins; without any value, the middle of the chart.
    """
    held = ~np.isnan(lines.last)
    count = held.shape[1]
    before = np.maximum.accumulate(np.where(held, np.arange(count), -1), axis=1)
    begin = np.argmax(held, axis=1)[:, None]
    values = np.take_along_axis(lines.last, np.where(before < 0, begin, before), axis=1)
    rows = dot_rows(values, y, height) // DOTS_DOWN
    levels: NDArray[np.intp] = np.where(np.isnan(rows), height // 2, rows).astype(np.intp)
    return levels[:, 1:-1]


def _ends(series: Sequence[Series], lines: Columns, y: Scale, height: int) -> list[_End]:
    """Return the ends of the lines that are in sight."""
    later = ~np.isnan(lines.last[:, -1])
    ends = []
    for line, held, last, goes_on in zip(series, lines.held, lines.last, later, strict=True):
        dots = np.flatnonzero(held)
        if not dots.size:
            continue
        at = int(dots[-1])
        down = dot_row(y.position(float(last[at + 1])), height)
        if 0 <= down < height * DOTS_DOWN:
            row = int(down) // DOTS_DOWN
            ends.append(_End(line, row, at // DOTS_ACROSS, newest=not goes_on))
    return ends
