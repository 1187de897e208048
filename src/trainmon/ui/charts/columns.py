"""Series of any length, reduced to what each dot column of a chart has to show.

The lowest and the highest value of a column are kept, so that no spike is ever lost, and so are
its first and last value, through which the line runs on to its neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    position = np.tile(np.arange(-1.0, count + 1.0), (len(series), 1))
    low, high, first, last, mean = np.full((5, *shape), nan)
    joined = np.zeros(shape, bool)
    share = np.linspace(0, 1, count + 1)
    edges = x_range[0] * (1 - share) + x_range[1] * share
    for row, points in enumerate(series):
        bounds = _bounds(points.x, edges)
        counts = np.diff(bounds)
        held = np.flatnonzero(counts)
        if not held.size:
            continue
        # Empty columns are left out here: where two of its starts are equal, reduceat returns
        # an element that lies outside instead of nothing.
        starts, stops = bounds[held], bounds[held + 1]
        y = points.y[: bounds[-1]]
        low[row, held] = np.minimum.reduceat(y, starts)
        high[row, held] = np.maximum.reduceat(y, starts)
        first[row, held] = y[starts]
        last[row, held] = y[stops - 1]
        # A mean may lie a rounding error outside its values, and so even beyond all numbers.
        mean[row, held] = np.clip(_means(y, starts, counts[held]), low[row, held], high[row, held])
        joined[row, held[1:]] = points.neighbours(stops[:-1] - 1, starts[1:])
        outside = np.array([points.x[bounds[0]], points.x[bounds[-1] - 1]])
        with np.errstate(over="ignore"):
            left, right = count * Scale(*x_range).fraction(outside)
        position[row, 0] = np.clip(left, -_FAR, -1)
        position[row, -1] = np.clip(right, count, _FAR)
    return Columns(position, low, high, first, last, mean, joined)


def _bounds(x: Values, edges: Values) -> NDArray[np.intp]:
    """Return where each column begins in sorted `x`, one point beyond each edge included."""
    bounds = np.empty(edges.size + 2, np.intp)
    bounds[1:-1] = np.searchsorted(x, edges)
    bounds[-2] = np.searchsorted(x, edges[-1], side="right")
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
