"""Series of any length, reduced to what each dot column of a chart has to show.

The lowest and the highest value of a column are kept, so that no spike is ever lost, and so are
its first and last value, through which the line runs on to its neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Range, Scale, Values

_FAR: Final = 1e9
"""Columns: a neighbour outside the chart is never drawn further away, lest its slope overflow."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the dot columns hold; all arrays are series x (columns + 2).

    The first and the last entry of a row stand for the nearest point outside on either side, so
    that a line runs on to the edge; `position` tells in columns how far outside. `low`, `high`,
    `first`, `last` and `mean` are NaN where a column holds nothing. `joined` tells whether a line
    may come in from the last column on the left that holds something.
    """

    position: Values
    low: Values
    high: Values
    first: Values
    last: Values
    mean: Values
    joined: NDArray[np.bool_]

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which of the columns hold a value, those outside left out: series x columns."""
        return ~np.isnan(self.low[:, 1:-1])


def columns(series: Sequence[Points], x_range: Range, count: int) -> Columns:
    """Return what each of `count` equal columns across `x_range` holds of each series."""
    shape = (len(series), count + 2)
    position = np.empty(shape)
    position[:] = np.arange(-1.0, count + 1.0)
    low, high, first, last, mean = np.full((5, *shape), nan)
    joined = np.zeros(shape, bool)
    scale = Scale(*x_range)
    edges = _edges(x_range, count)
    for row, points in enumerate(series):
        bounds = _bounds(points.x, edges)
        counts = bounds[1:] - bounds[:-1]
        held = counts.nonzero()[0]
        if not held.size:
            continue
        # Empty columns are left out here: where two of its starts are equal, reduceat returns
        # an element that lies outside instead of nothing.
        starts, stops = bounds[held], bounds[held + 1]
        y = points.y[: bounds[-1]]
        low[row, held] = lowest = np.minimum.reduceat(y, starts)
        high[row, held] = highest = np.maximum.reduceat(y, starts)
        first[row, held] = y[starts]
        last[row, held] = y[stops - 1]
        # A mean may lie a rounding error outside its values, and so even beyond all numbers.
        mean[row, held] = _means(y, starts, counts[held]).clip(lowest, highest)
        joined[row, held[1:]] = points.neighbours(stops[:-1] - 1, starts[1:])
        left = count * scale.position(float(points.x[bounds[0]]))
        right = count * scale.position(float(points.x[bounds[-1] - 1]))
        position[row, 0] = min(max(left, -_FAR), -1)
        position[row, -1] = min(max(right, count), _FAR)
    return Columns(position, low, high, first, last, mean, joined)


def extremes(points: Points, x_range: Range, count: int) -> tuple[Values, Values, float] | None:
    """Return the lowest and the highest value of each of `count` equal columns that hold any.

    With them comes the newest value in sight; it is None where nothing is.
    """
    bounds = _bounds(points.x, _edges(x_range, count))[1:-1]
    starts = bounds[:-1][bounds[1:] > bounds[:-1]]
    if not starts.size:
        return None
    y = points.y[: bounds[-1]]
    return np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts), float(y[-1])


def stacked(upper: Columns, lower: Columns) -> Columns:
    """Return the series of both, one below the other."""
    pairs = ((getattr(upper, each.name), getattr(lower, each.name)) for each in fields(Columns))
    return Columns(*(np.concatenate(pair) for pair in pairs))


def _edges(x_range: Range, count: int) -> Values:
    """Return where columns begin, and the last one ends."""
    left, right = _shares(count)
    return x_range[0] * left + x_range[1] * right


@lru_cache(maxsize=64)
def _shares(count: int) -> tuple[Values, Values]:
    """Return how much of the left and of the right end of a range is in each edge."""
    share = np.linspace(0, 1, count + 1)
    return 1 - share, share


def _bounds(x: Values, edges: Values) -> NDArray[np.intp]:
    """Return where each column begins in sorted `x`, one point beyond each edge included."""
    bounds = np.empty(edges.size + 2, np.intp)
    bounds[1:-1] = x.searchsorted(edges)
    bounds[-2] = x.searchsorted(edges[-1], side="right")
    bounds[0] = max(bounds[1] - 1, 0)
    bounds[-1] = min(bounds[-2] + 1, x.size)
    # Edges of a range that is narrow for its distance from zero may fall back by a rounding error.
    return np.maximum.accumulate(bounds)


def _means(y: Values, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Values:
    with np.errstate(over="ignore"):
        means: Values = np.add.reduceat(y, starts) / counts
        if not np.isfinite(means).all():
            # The sum of finite values overflowed, which the sum of their n-th parts cannot.
            means = np.add.reduceat(y / y.size, starts) / counts * y.size
    return means
