"""Which range of steps and of values a chart shows."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from trainmon.ui.charts.chart import ChartOptions, Limit
from trainmon.ui.charts.columns import extremes
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Range, Scale, is_drawable, robust, snapped

_SAMPLED_COLUMNS: Final = 200
"""Columns over which the range of values is found: as many as a chart of usual width has."""

_LIMIT_STRETCH: Final = 2.0
"""How much taller than its data a chart may get to show a limit; beyond, the limit is left out."""

_NOTHING: Final = (0.0, 1.0)
"""The range of an axis without data."""

_NOTHING_LOG: Final = (0.1, 1.0)
"""Likewise, where the axis is logarithmic."""


def range_of_x(points: Sequence[Points], options: ChartOptions) -> Range:
    """Return the range asked for, or else one in round numbers that holds all points."""
    if options.x_range is not None and is_drawable(*options.x_range):
        return options.x_range
    placed = [x for each in points for x in (each.x, each.broken_x) if x.size]
    if not placed:
        return _NOTHING
    return snapped(min(float(x[0]) for x in placed), max(float(x[-1]) for x in placed))


def range_of_y(points: Sequence[Points], x: Scale, options: ChartOptions) -> Range:
    """Return the range asked for, or else one in round numbers that holds what is in sight."""
    if options.y_range is not None and is_drawable(*options.y_range):
        low, high = options.y_range
        if low > 0 or not options.log_y:
            return low, high
    ranges: list[Range] = []
    for each in points:
        reach = extremes(each, (x.low, x.high), _SAMPLED_COLUMNS)
        if reach is None:
            continue
        lows, highs, newest = reach
        if options.robust:
            ranges.append(robust(np.concatenate((lows, highs)), newest))
        else:
            ranges.append((float(lows.min()), float(highs.max())))
    if not ranges:
        return _NOTHING_LOG if options.log_y else _NOTHING
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    return snapped(*_with_limit(low, high, options.limit), log=options.log_y)


def _with_limit(low: float, high: float, limit: Limit | None) -> Range:
    """Return the range stretched to show a limit, unless that would flatten the data."""
    if limit is None:
        return low, high
    stretched = min(low, limit.value), max(high, limit.value)
    fits = stretched[1] - stretched[0] <= _LIMIT_STRETCH * (high - low)
    return stretched if fits else (low, high)
