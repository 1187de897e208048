"""The frame of a chart: how much room its axes take, and the axes themselves."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from trainmon.ui.charts.axis import XKind, labels, log_labels, ticks, time_labels, time_ticks
from trainmon.ui.charts.cells import codes
from trainmon.ui.charts.chart import Area, plot_column, plot_row
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.scale import Scale

_ROWS_FOR_X: Final = 7
"""Rows from which the two of the x axis are well spent."""

_ROWS_FOR_Y: Final = 4
"""Rows below which a chart is a sparkline: all of its room is for the data."""

_COLUMNS_FOR_Y: Final = 24
"""Columns below which labels would take a third of the width."""

_LABEL_MIN: Final = 4
"""Columns for labels, used or not: "0.25" and "100" leave the plot where it is."""

_LABEL_MAX: Final = 10
"""Columns after which labels are cut: "-2.302585" fits."""

_ROWS_PER_TICK: Final = 4
_TICKS_MIN: Final = 3
_COLUMNS_PER_TICK: Final = 12
"""Distance of ticks at which an axis can be read and does not look like a ruler. A small one is
still asked for three, since two may fall on one row."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The room of a chart, divided; `label_width` is 0 without a y axis."""

    plot: Area
    y_ticks: list[float]
    y_labels: list[str]
    label_width: int
    has_x: bool


@lru_cache(maxsize=64)
def axes(height: int, width: int, x: Scale, y: Scale, kind: XKind) -> tuple[Frame, Grid]:
    """Return the frame and the axes of a chart; they stay while its points run on.

    The grid belongs to all who ask for it: it is to be copied before anything is drawn on it.
    """
    frame = framed(height, width, y)
    grid = Grid(height, width)
    if frame.plot.width and frame.plot.height:
        draw_axes(grid, frame, x, y, kind)
    return frame, grid


def framed(height: int, width: int, y: Scale) -> Frame:
    """Divide `height` x `width` cells between a plot and the axes for which there is room."""
    has_x = height >= _ROWS_FOR_X
    plot_height = height - 2 if has_x else height
    if height < _ROWS_FOR_Y or width < _COLUMNS_FOR_Y:
        return Frame(Area(0, 0, plot_height, width), [], [], 0, has_x)
    y_ticks = ticks(y, max(plot_height // _ROWS_PER_TICK, _TICKS_MIN))
    y_labels = log_labels(y_ticks) if y.log else labels(y_ticks)
    longest = max((len(label) for label in y_labels), default=0)
    label_width = min(max(longest, _LABEL_MIN), _LABEL_MAX)
    area = Area(0, label_width + 1, plot_height, width - label_width - 1)
    return Frame(area, y_ticks, y_labels, label_width, has_x)


def draw_axes(grid: Grid, frame: Frame, x: Scale, y: Scale, kind: XKind) -> None:
    """Draw the axes with their ticks and labels around the plot."""
    if frame.label_width:
        draw_y(grid, frame, y)
    if frame.has_x:
        most = max(frame.plot.width // _COLUMNS_PER_TICK, 1)
        values = time_ticks(x, most) if kind == "time" else ticks(x, most, whole=kind != "epoch")
        names = time_labels(values) if kind == "time" else labels(values)
        free_from = draw_x(grid, frame.plot, x, values, names)
        if kind != "time" and free_from + len(codes(kind)) < grid.width:
            grid.right(frame.plot.height + 1, grid.width, kind, Ink.FAINT)


def draw_y(grid: Grid, frame: Frame, y: Scale) -> None:
    """Draw the y axis with its ticks and labels on the left of the plot."""
    axis = frame.plot.col - 1
    grid.column(0, axis, frame.plot.height, "│", Ink.FAINT)
    lowest_free = frame.plot.height - 1
    for value, label in zip(frame.y_ticks, frame.y_labels, strict=True):
        tick = plot_row(value, y, frame.plot.height)
        if tick is None or tick > lowest_free:
            continue
        grid.right(tick, axis, label[:_LABEL_MAX], Ink.DIM)
        grid.write(tick, axis, "┤", Ink.FAINT)
        lowest_free = tick - 1


def draw_x(grid: Grid, plot: Area, x: Scale, values: list[float], names: list[str]) -> int:
    """Draw the x axis below the plot, with ticks at some values and what these are called.

    Return the first column behind these names.
    """
    row = plot.height
    grid.write(row, plot.col, "─" * plot.width, Ink.FAINT)
    if plot.col:
        grid.write(row, plot.col - 1, "└", Ink.FAINT)
    free_from = 0
    for value, name in zip(values, names, strict=True):
        col = plot_column(value, x, plot.width)
        if col is None:
            continue
        grid.write(row, plot.col + col, "┬", Ink.FAINT)
        start = plot.col + col - len(name) // 2
        start = max(min(start, grid.width - len(name)), 0)
        if start >= free_from:
            free_from = grid.write(row + 1, start, name, Ink.DIM) + 1
    return free_from
