"""Series of any length, reduced to what each cell of a heat map has to show.

A cell shows the median of its values; their highest and whether all of them are finite are kept
beside it, so that neither a spike nor a NaN is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Scale, Values

_SAMPLED: Final = 32
"""Values of a cell that its median is taken of: of more, evenly spread ones, which bounds the cost
of sorting. Highest and non-finite ones are looked for among all."""

_BRIDGED: Final = 2.0
"""Times the usual distance of values: cells between two that are no further apart show the earlier
one, since a value holds until the next is told."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HeatCells:
    """What the cells hold; all arrays are rows x columns."""

    median: Values
    """Of the finite values; NaN where there is none."""
    high: Values
    """The highest finite value; NaN where there is none."""
    broken: Flags
    """Which cells hold a value that is not finite."""


def heat_cells(rows: Sequence[Points], x: Scale, width: int) -> HeatCells:
    """Return what each of `width` equal columns across `x` holds of each row.

    >>> points = Points.of([0, 1, 2, 3], [5.0, 7.0, 1.0, float("inf")])
    >>> cells = heat_cells([points], Scale(0, 4), 2)
    >>> cells.median.tolist(), cells.high.tolist(), cells.broken.tolist()
    ([[6.0, 1.0]], [[7.0, 1.0]], [[False, True]])
    """
    shape = (len(rows), width)
    median, high = np.full((2, *shape), nan)
    broken = np.zeros(shape, bool)
    share = np.linspace(0, 1, width + 1)
    edges = x.low * (1 - share) + x.high * share
    for row, points in enumerate(rows):
        bounds = _bounds(points.x, edges)
        held = np.flatnonzero(np.diff(bounds))
        if held.size:
            starts, stops = bounds[held], bounds[held + 1]
            high[row, held] = np.maximum.reduceat(points.y[: stops[-1]], starts)
            median[row, held] = _medians(points.y, starts, stops)
        broken[row] = np.diff(_bounds(points.broken_x, edges)) > 0
        _bridge(median[row], high[row], broken[row], _reach(points, x, width))
    return HeatCells(median, high, broken)


def _bounds(x: Values, edges: Values) -> NDArray[np.intp]:
    """Return where each column begins in sorted `x`; the last one holds its right edge too."""
    bounds = np.searchsorted(x, edges)
    bounds[-1] = np.searchsorted(x, edges[-1], side="right")
    ascending: NDArray[np.intp] = np.maximum.accumulate(bounds)
    return ascending


def _medians(y: Values, starts: NDArray[np.intp], stops: NDArray[np.intp]) -> Values:
    strides = -(-(stops - starts) // _SAMPLED)
    places = starts[:, None] + strides[:, None] * np.arange(_SAMPLED)
    inside = places < stops[:, None]
    ordered = np.sort(np.where(inside, y[np.minimum(places, y.size - 1)], np.inf), axis=1)
    counts = inside.sum(axis=1)[:, None]
    middle = np.concatenate(((counts - 1) // 2, counts // 2), axis=1)
    low, high = np.take_along_axis(ordered, middle, axis=1).T
    # Halves, since the sum of two large numbers may overflow; those of the smallest round to 0.
    medians: Values = np.clip(low / 2 + high / 2, low, high)
    return medians


def _reach(points: Points, x: Scale, width: int) -> int:
    """Return over how many columns a value may hold."""
    told = points.x.size + points.broken_x.size
    if told < 2:  # noqa: PLR2004 -- one value has no distance to the next
        return 0
    ends = np.concatenate((points.x[[0, -1]] if points.x.size else points.x, points.broken_x))
    with np.errstate(over="ignore"):
        # Halves, since the difference of two large numbers may overflow.
        columns = float(np.ptp(ends / 2) / (x.high / 2 - x.low / 2)) * width
    return ceil(min(_BRIDGED * columns / (told - 1), width))


def _bridge(median: Values, high: Values, broken: Flags, reach: int) -> None:
    """Let each cell of a row hold on until the next, over at most `reach` columns."""
    told = ~np.isnan(median) | broken
    index = np.arange(median.size)
    before = np.maximum.accumulate(np.where(told, index, -1))
    after = np.minimum.accumulate(np.where(told, index, median.size)[::-1])[::-1]
    passed = np.flatnonzero(~told & (before >= 0) & (after < median.size))
    passed = passed[after[passed] - before[passed] <= reach]
    median[passed] = high[passed] = median[before[passed]]
    broken[passed] = broken[before[passed]]
