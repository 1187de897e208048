"""Two curves at the same places, so that they can be compared value by value."""

from dataclasses import dataclass

import numpy as np

from trainmon.reference import Axis, Curve
from trainmon.store.batch import Floats

GRID = 64
"""Places at most at which two curves are compared: medians of many values tell more than each."""

_WINDOW = 0.25
"""Of the way to the next place: values nearer than this are taken as of the place itself."""

_SLACK = 0.02
"""Of what both have gone through: places this near to its ends belong to it, as evaluations come
after so many batches, whatever their size."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """The values of two curves at common places, ascending."""

    places: Floats
    values: Floats
    others: Floats


def aligned(curve: Curve, other: Curve, axis: Axis) -> Aligned:
    """Return two curves on an axis, over what both have gone through.

    The places are those of the curve with fewer values there, in at most `GRID` groups. At each
    place a curve is the median of its values near by, or on a straight line between its neighbours.
    """
    both = curve.on(axis), other.on(axis)
    first = max(places[0] for places, _ in both)
    last = min(places[-1] for places, _ in both)
    slack = _SLACK * (last - first)
    inside = [places[(places >= first - slack) & (places <= last + slack)] for places, _ in both]
    grid, starts, stops = _grid(np.unique(min(inside, key=len)))
    values, others = (_at(grid, starts, stops, *each) for each in both)
    return Aligned(grid, values, others)


def _grid(places: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the places at which curves are compared, and from where to where each reaches."""
    if len(places) <= GRID:
        reach = _WINDOW * np.diff(places)
        reach = np.concatenate((reach[:1], np.minimum(reach[:-1], reach[1:]), reach[-1:]))
        return places, places - reach, places + reach
    groups = np.array_split(places, GRID)
    middles = np.array([group[len(group) // 2] for group in groups])
    return middles, np.array([g[0] for g in groups]), np.array([g[-1] for g in groups])


def _at(grid: Floats, starts: Floats, stops: Floats, places: Floats, values: Floats) -> Floats:
    """Return a curve at the places of a grid."""
    found = np.interp(grid, places, values)
    firsts = np.searchsorted(places, starts, "left")
    lasts = np.searchsorted(places, stops, "right")
    for at in np.flatnonzero(lasts > firsts).tolist():
        group = np.sort(values[firsts[at] : lasts[at]])  # NaN last: half of them make it NaN
        middle = len(group) // 2
        found[at] = group[middle] if len(group) % 2 else (group[middle - 1] + group[middle]) / 2
    return found
