"""Sparklines: a series in one row, its spikes included."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.scale import Range, Values

_LEVELS: Final = np.array([ord(block) for block in "▁▂▃▄▅▆▇█"], np.uint32)
_MIDDLE: Final = 3
"""The level of values that do not differ: the lowest would look like nothing, as zeros are."""

_BROKEN: Final = "✖"


def draw_sparkline(
    values: ArrayLike,
    width: int,
    ink: Ink,
    *,
    span: Range | None = None,
    spike_above: float | None = None,
    spike_ink: Ink = Ink.WARNING,
) -> Grid:
    """Return one row of at most `width` blocks, oldest value on the left.

    Each block shows the value of its share of the series that is furthest from the median, so
    that neither a spike nor a dip is lost. Blocks with a value over `spike_above` take
    `spike_ink`; a share with a value that is not finite shows a cross. `span` fixes the range.
    """
    grid = Grid(1, width)
    row = np.asarray(values, dtype=np.float64).ravel()
    count = min(row.size, grid.width)
    if not count:
        return grid
    finite = np.isfinite(row)
    starts = np.arange(count) * row.size // count
    highest = np.maximum.reduceat(np.where(finite, row, -np.inf), starts)
    lowest = np.minimum.reduceat(np.where(finite, row, np.inf), starts)
    held = np.logical_or.reduceat(finite, starts)
    broken = np.flatnonzero(np.logical_or.reduceat(~finite, starts))
    cols = np.flatnonzero(held)
    if cols.size:
        middle = float(np.median(row[finite] / 2))
        above = highest[held] / 2 - middle >= middle - lowest[held] / 2
        shown = np.where(above, highest[held], lowest[held])
        grid.chars[0, cols] = _LEVELS[_levels(shown, span)]
        grid.inks[0, cols] = ink
    if spike_above is not None:
        grid.inks[0, :count][highest > spike_above] = spike_ink
    for col in broken.tolist():
        grid.write(0, col, _BROKEN, Ink.ERROR)
    return grid


def _levels(values: Values, span: Range | None) -> NDArray[np.intp]:
    """Return the block for each value, from 0 to 7."""
    low, high = span or (float(values.min()), float(values.max()))
    wide = high / 2 - low / 2
    if not wide > 0:  # two of the smallest numbers have none
        return np.full(values.shape, 0 if low == high == 0 else _MIDDLE)
    share = (values / 2 - low / 2) / wide
    return np.clip(share * _LEVELS.size, 0, _LEVELS.size - 1).astype(np.intp)
