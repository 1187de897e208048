"""How far up and down a line goes in each column of a chart, whatever it is drawn with."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from trainmon.ui.charts.columns import Columns
from trainmon.ui.charts.scale import Values


class Strokes(NamedTuple):
    """Heights counted from the top, series x columns; NaN where there is no line.

    A column shows its values from `upper` to `lower`, and the line comes in from the left at
    `before` and leaves to the right at `after`.
    """

    upper: Values
    lower: Values
    before: Values
    after: Values


def strokes(columns: Columns, heights: Callable[[Values], Values]) -> Strokes:
    """Return the strokes of lines through the given columns; empty ones are bridged, gaps are not.

    `heights` says how far down values lie.
    """
    rows = heights(np.array((columns.first, columns.last, columns.high, columns.low)))
    bridges = _bridges(rows[0], rows[1], columns)
    joined = columns.joined
    if bridges is not None:
        bridged = ~np.isnan(bridges)
        rows = np.where(bridged, bridges, rows)
        joined = joined | bridged
    first, last, upper, lower = rows
    share = _border_shares(columns.position)
    crossings = last[:, :-1] * (1 - share) + first[:, 1:] * share
    crossings[~joined[:, 1:]] = np.nan
    return Strokes(upper[:, 1:-1], lower[:, 1:-1], crossings[:, :-1], crossings[:, 1:])


def _border_shares(position: Values) -> Values:
    """Return how much of the way from each column to the next lies before their border.

    It is half of it, except for the neighbours outside, which may be far away.
    """
    shares = np.full((len(position), position.shape[1] - 1), 0.5)
    shares[:, 0] = 1 - 0.5 / (position[:, 1] - position[:, 0])
    shares[:, -1] = 0.5 / (position[:, -1] - position[:, -2])
    return shares


def _bridges(first: Values, last: Values, columns: Columns) -> Values | None:
    """Return the height of the line in each empty column that it passes, NaN elsewhere.

    It is None where there is no such column.
    """
    held = ~np.isnan(first)
    count = held.shape[1]
    index = np.arange(count)
    before = np.maximum.accumulate(np.where(held, index, -1), axis=1)
    after = np.minimum.accumulate(np.where(held, index, count)[:, ::-1], axis=1)[:, ::-1]
    inside = ~held & (before >= 0) & (after < count)
    if not inside.any():
        return None
    row, col = inside.nonzero()
    passed = columns.joined[row, after[row, col]]
    row, col = row[passed], col[passed]
    heights = np.full(held.shape, np.nan)
    left, right = before[row, col], after[row, col]
    start, end = columns.position[row, left], columns.position[row, right]
    share = (columns.position[row, col] - start) / (end - start)
    heights[row, col] = last[row, left] * (1 - share) + first[row, right] * share
    return heights
