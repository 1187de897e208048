"""Values sorted into bins of equal width, on a linear or a logarithmic scale."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainmon.ui.charts.scale import Range, Scale, Values, is_drawable, snapped

_NOTHING: Final = (0.0, 1.0)
_NOTHING_LOG: Final = (0.1, 1.0)
"""The range of an axis without data."""


@dataclass(frozen=True, slots=True)
class Bins:
    """How many values fall into each of some equal parts of a scale.

    A value outside of a range that was asked for counts in the nearest bin. `broken` counts the
    values that are not finite, `hidden` those that a logarithmic scale has no place for.
    """

    scale: Scale
    counts: NDArray[np.intp]
    broken: int
    hidden: int


def binned(values: ArrayLike, count: int, *, log: bool = False, span: Range | None = None) -> Bins:
    """Return how many values fall into each of `count` bins over `span`, or all that is told.

    >>> bins = binned([0.1, 0.2, 0.9, float("nan")], 2)
    >>> bins.counts.tolist(), (bins.scale.low, bins.scale.high), bins.broken
    ([2, 1], (0.1, 0.9), 1)
    """
    told = np.asarray(values, dtype=np.float64).ravel()
    finite = told[np.isfinite(told)]
    drawn = finite[finite > 0] if log else finite
    scale = Scale(*_range_of(drawn, span, log=log), log=log)
    places = (np.clip(scale.fraction(drawn), 0, 1) * count).astype(np.intp)
    counts = np.bincount(np.minimum(places, max(count - 1, 0)), minlength=count)[:count]
    return Bins(scale, counts, told.size - finite.size, finite.size - drawn.size)


def _range_of(values: Values, span: Range | None, *, log: bool) -> Range:
    if span is not None and is_drawable(*span) and (span[0] > 0 or not log):
        return span
    if not values.size:
        return _NOTHING_LOG if log else _NOTHING
    return snapped(float(values.min()), float(values.max()), log=log)
