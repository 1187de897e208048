"""Which records stand above those before them, in a series of few: by their values alone."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainmon.courses.cells import noise, strays
from trainmon.medians import median_of
from trainmon.store.batch import Floats

AFTER = 3
"""Records that must all stand above: one is a spike, two are a spike that was averaged."""

BEFORE = 8
"""Records at most that the level before is taken from; of fewer than three there is none."""

_HALF_MORE = 1.5
"""Times the level before: what a run does not do by itself in a few records."""

_RANGES = 5.0
"""Ranges of the records before: noise that makes as much of three records is rarer than 1 in
10,000, even where only three tell of it."""

_BEST = 1.3
"""Times the best level, where many records tell how much noise there is."""

_DEVIATIONS = 6.0
"""Standard deviations of a record, likewise."""

_MANY = 12
"""Records from which on second differences tell the noise."""

_RECENT = 32
"""Records that noise is taken from."""

LONG = 5
"""Records in a row above the best level, where each is an epoch."""

HALVED = 0.5
"""Of the first record: an average that climbs has never been so far below where it began."""

_FELL_OVER = 6
"""Records over which it had."""

_BEYOND = 3.0
"""Times the highest record before: three of them are no batches, however much these differ."""

_THROWN = 10.0
"""Times the very first record: five in a row of a healthy run come to 3 times."""

_THROWN_FAR = 100.0
"""Times the same, of two of the first ones, from where a run may be back in no time."""

_AT_ONCE = 16
"""Records in which the first steps throw a run up."""

_NEXT_TO_NOTHING, _MUCH = 1e-3, 30.0
"""A first loss below the one may be lucky, or that of a model that had nothing to do yet: what it
then comes to is no leap while it is below the other."""


def rise_ends(values: Floats) -> NDArray[np.bool_]:
    """Return at which records one of the functions below may find a rise, of all at once.

    >>> rise_ends(np.array([3.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0])).tolist()
    [False, False, False, False, False, False, True]
    """
    ends = np.zeros(len(values), np.bool_)
    if len(values) <= AFTER:
        return ends
    after = np.minimum(np.minimum(values[AFTER - 1 : -1], values[AFTER - 2 : -2]), values[AFTER:])
    earlier = values[:-AFTER]
    padded = np.concatenate((np.full(BEFORE - 1, -np.inf), earlier))
    highest = sliding_window_view(padded, BEFORE).max(axis=1)
    ends[AFTER:] = (after > highest) | (after > _BEST * np.minimum.accumulate(earlier))
    if 0 < _THROWN_FAR * values[0] < _pair(values):  # how much of it is noise tells itself later
        ends[LONG:] = True
    return ends


def jumped(values: Floats) -> tuple[float, float] | None:
    """Return the level before and after, if the last three records stand above those before.

    The gap between them is wider than the range of those before.
    `values` are finite, the last one being the newest. Of what is 0 or below differences count.

    >>> jumped(np.array([2.776, 2.773, 2.768, 7.3, 8.7, 7.7]))
    (2.773, 7.7)
    >>> jumped(np.array([2.8, 2.1, 2.4, 3.3, 3.7, 3.6])) is None
    True
    """
    before, after = values[:-AFTER][-BEFORE:], values[-AFTER:]
    if len(before) < AFTER or after.min() <= before.max():
        return None
    if before.min() <= 0:
        return _jumped_signed(before, after)
    old, new = median_of(before), median_of(after)
    spread, gap = np.log(before.max() / before.min()), np.log(after.min() / before.max())
    far = np.log(new / old) > max(np.log(_HALF_MORE), _RANGES * spread)
    return (old, new) if far and gap > spread else None


def _jumped_signed(before: Floats, after: Floats) -> tuple[float, float] | None:
    """Return the same where the level before has no factor, in ranges of the records before.

    The range of fewer than eight may be small by chance, and no factor tells that it is.

    >>> before = np.array([-1.7, -1.4, -1.6, -1.5, -1.6, -1.7, -1.6, -1.5])
    >>> _jumped_signed(before, np.array([8.0, 19.0, 6.0]))
    (-1.6, 8.0)
    """
    if len(before) < BEFORE:
        return None
    old, new = median_of(before), median_of(after)
    spread, gap = float(np.ptp(before)), float(after.min() - before.max())
    return (old, new) if 0 < _RANGES * spread < new - old and gap > spread else None


def left_all_behind(values: Floats) -> tuple[float, float] | None:
    """Return the level before and after, if the last three are far above all there ever was.

    It is for runs that blow up while they still learn fast, which hides a jump in the range of the
    records before. Only a loss that had halved is judged, so that its beginning is no low one. One
    that had been 0 or below is measured from the lowest it was.

    >>> falling = [1.1, 0.9, 0.8, 0.5, 0.4, 0.3, 0.2, 0.1]
    >>> left_all_behind(np.array([*falling, 17.0, 18.0, 13.0]))
    (0.2, 17.0)
    >>> left_all_behind(np.array([*falling, 2.0, 2.1, 2.2])) is None
    True
    """
    before, after = values[:-AFTER], values[-AFTER:]
    if len(before) < _FELL_OVER:
        return None
    foot = min(0.0, float(before.min()))
    if after.min() - foot <= _BEYOND * (before.max() - foot):
        return None
    old = median_of(before[-AFTER:])
    return (old, median_of(after)) if old - foot <= HALVED * (before[0] - foot) else None


def lost_all(values: Floats) -> tuple[float, float] | None:
    """Return the best level and the one now, if five records in a row are worse than the start.

    The loss had halved, and fell back by more than its noise makes of a record.

    >>> falling = [0.85, 0.65, 0.35, 0.09, 0.29]
    >>> back = [1.1, 3.6, 15.8, 8.3, 4.0, 3.2, 2.7, 2.3, 2.4, 2.6]
    >>> lost_all(np.array(falling + back))
    (0.29, 2.6)
    """
    before, after = values[:-LONG], values[-LONG:]
    if len(before) < _FELL_OVER or before.min() <= 0:
        return None
    start, best = max(before[0], median_of(before[:AFTER])), median_low(before)
    if best > HALVED * start or after.min() <= _BEST * start:
        return None
    far = np.log(after.min() / best) > _DEVIATIONS * noise(np.log(values[-_RECENT:]))
    return (best, median_of(after)) if far else None


def lost_at_once(values: Floats) -> tuple[float, float] | None:
    """Return the level at the start and now, if a run never got better and stands far above.

    >>> lost_at_once(np.array([14.0, 15, 52, 150, 900, 2e3, 5e3, 2e4, 5e4, 7e4, 8e4, 6e4]))
    (15.0, 60000.0)
    """
    before, after = values[:-LONG], values[-LONG:]
    if len(before) < _FELL_OVER or before.min() <= 0:
        return None
    start = float(before[:AFTER].max())
    if after.min() <= _BEYOND * start:
        return None
    far = np.log(after.min() / start) > _DEVIATIONS * noise(np.log(values[-_RECENT:]))
    return (median_of(before[:AFTER]), median_of(after)) if far else None


def thrown_up(values: Floats) -> tuple[float, float] | None:
    """Return the first loss and the level it was thrown to, if that is far above where it began.

    Every run begins as a guess, and nothing that learns gets ten times worse than that: the first
    steps were too long. Some more records tell how much noise there is, since a first one may be
    low by chance.

    >>> thrown_up(np.array([1.1, 7e3, 9e6, 4e6, 9e5, 3e5, 1e5, 4e4, 3e4, 1e4, 9e3]))
    (1.1, 4000000.0)
    >>> thrown_up(np.array([1.0, 40.0, 0.9, 35.0, 0.8, 0.7, 0.9, 0.7, 0.8, 0.7])) is None
    True
    """
    first = float(values[0]) if len(values) else 0.0
    if len(values) <= LONG or not first > 0:
        return None
    level, pair = float(values[-LONG:].min()), _pair(values)
    if not level > _THROWN * first:
        level = pair if pair > _THROWN_FAR * first else 0.0
    if level <= (0.0 if first > _NEXT_TO_NOTHING else _MUCH):
        return None
    far = np.log(level / first) > _DEVIATIONS * noise(np.log(values[1:][-_RECENT:]))
    return (first, max(level, pair)) if far else None


def _pair(values: Floats) -> float:
    """Return the highest level of two records in a row among the first ones behind the very first.

    >>> _pair(np.array([1.0, 900.0, 300.0, 2.0, 1.0]))
    300.0
    """
    early = values[1 : _AT_ONCE + 1]
    return float(np.minimum(early[1:], early[:-1]).max(initial=0.0))


def left_its_best(values: Floats) -> tuple[float, float] | None:
    """Return the best level and the one now, if five records in a row stand far above the best.

    It is for records that are averages of an epoch, of which there is noise to be learned.

    >>> falling = 0.9 ** np.arange(20.0)
    >>> best, level = left_its_best(np.concatenate((falling, [0.3, 0.35, 0.4, 0.4, 0.5])))
    >>> round(best, 2), level
    (0.15, 0.4)
    >>> left_its_best(falling) is None
    True
    """
    before, after = values[:-LONG], values[-LONG:]
    if len(before) < _MANY or before.min() <= 0:
        return None
    best = median_low(before)
    least = max(np.log(_BEST), _DEVIATIONS * _noise(np.log(before[-_RECENT:])))
    new = median_of(after)
    return (best, new) if np.log(after.min() / best) > least else None


def median_low(values: Floats) -> float:
    """Return the lowest median of three records in a row; infinity of fewer."""
    if len(values) < AFTER:
        return np.inf
    windows = np.sort(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0)
    return float(windows[1].min())


def _noise(values: Floats) -> float:
    return max(noise(values), strays(values))
