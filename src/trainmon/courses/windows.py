"""Robust baselines of a series: the median and MAD of a window that ends before each value.

A baseline is renewed at fixed sample numbers, not at every sample, which costs a fiftieth and does
not depend on how the log was cut into reads.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainmon.medians import median_of, medians_of
from trainmon.store.batch import Floats

WINDOW = 200
"""Samples of a full window: long enough for a stable MAD, short enough to follow a falling loss."""

MINIMUM = 8
"""Samples a first baseline needs; fewer say nothing of a spread."""

_STRIDE = 50
"""Samples between two renewals of a full window."""

_EARLY_STRIDE = 8
"""Samples between two renewals while the window is filling, when a loss falls fastest."""

_TAIL = WINDOW + _STRIDE

MAD_TO_SIGMA = 1.4826
"""The standard deviation of a normal distribution in units of its median absolute deviation."""


_NO_VALUES: Floats = np.empty(0, np.float64)


class Trail(NamedTuple):  # one is made for each record of a live log, at a third of the cost
    """The last finite samples of a series, and the baseline that was renewed last."""

    values: Floats = _NO_VALUES
    seen: int = 0
    """Samples since the series began."""
    anchor: int = -1
    """The sample number at which the baseline was renewed, -1 before the first."""
    median: float = np.nan
    mad: float = np.nan
    waiting: tuple[float, ...] = ()
    """Samples behind `values` that have come one by one since."""

    def with_one(self, value: float) -> "Trail":
        """Return the trail with one more sample, and the baseline that this one is measured by.

        It is what `baselines` does for many, at a tenth of the cost.

        >>> Trail(np.array([1.0, 2.0] * 4), seen=8).with_one(9.0).median
        1.5
        """
        trail = self if self.anchor == _anchor(self.seen) else self._renewed()
        waiting = (*trail.waiting, value)
        return Trail(trail.values, self.seen + 1, trail.anchor, trail.median, trail.mad, waiting)

    def with_some(self, values: list[float]) -> tuple["Trail", int]:
        """Return the trail with the first of some samples, and how many have its baseline.

        >>> trail, count = Trail(np.array([1.0, 2.0] * 4), seen=8).with_some([9.0] * 12)
        >>> trail.median, count
        (1.5, 8)
        """
        anchor = _anchor(self.seen)
        trail = self if self.anchor == anchor else self._renewed()
        count = min(len(values), _next_anchor(anchor) - self.seen)
        waiting = (*trail.waiting, *values[:count])
        seen = self.seen + count
        return Trail(trail.values, seen, trail.anchor, trail.median, trail.mad, waiting), count

    def _renewed(self) -> "Trail":
        """Return the trail with the baseline of the next sample."""
        values = np.concatenate((self.values, self.waiting))[-_TAIL:]
        anchor = _anchor(self.seen)
        window = values[: len(values) - self.seen + anchor][-WINDOW:]
        if anchor < MINIMUM:
            return Trail(values, self.seen, anchor)
        median = median_of(window)
        return Trail(values, self.seen, anchor, median, median_of(np.abs(window - median)))


@dataclass(frozen=True, slots=True)
class Baselines:
    """For each new sample what its window says; NaN while there is none."""

    median: Floats
    mad: Floats
    trail: Trail
    """The trail after these samples."""
    data: Floats
    """The samples that windows are taken from."""
    ends: NDArray[np.intp]
    """For each new sample where its window ends in `data`."""

    def before(self, which: int) -> Floats:
        """Return the samples just before one of the new ones, at most a full window."""
        return self.data[: len(self.data) - len(self.median) + which][-WINDOW:]

    def log_mad(self, which: NDArray[np.intp]) -> Floats:
        """Return the MAD of the logarithms for some of the samples, for what varies by factors.

        It is 0 where a window holds values that are not positive.
        """
        ends, owner = np.unique(self.ends[which], return_inverse=True)
        windows = (self.data[max(0, end - WINDOW) : end] for end in ends.tolist())
        return np.array([_log_mad(window) for window in windows], np.float64)[owner]


def baselines(trail: Trail, values: Floats) -> Baselines:
    """Return the baseline of each of `values`, which follow the samples of `trail`.

    >>> first = baselines(Trail(), np.array([1.0, 2.0] * 4))
    >>> baselines(first.trail, np.array([9.0])).median.tolist()
    [1.5]
    """
    count, seen = len(values), trail.seen
    data = np.concatenate((trail.values, trail.waiting, values))
    offset = seen + count - len(data)
    if count and trail.anchor == _anchor(seen + count - 1):
        return _unchanged(trail, data, count)
    anchors, owner = _anchors(seen, seen + count)
    table = np.full((2, len(anchors)), np.nan)
    for column, anchor in enumerate(anchors[: np.searchsorted(anchors, WINDOW)].tolist()):
        if anchor >= MINIMUM and anchor != trail.anchor:
            table[:, column] = _robust(data[None, : anchor - offset])[:, 0]
    full = np.flatnonzero((anchors >= WINDOW) & (anchors != trail.anchor))
    if len(full):
        table[:, full] = _robust(sliding_window_view(data, WINDOW)[anchors[full] - WINDOW - offset])
    if count and anchors[0] == trail.anchor:
        table[:, 0] = trail.median, trail.mad
    if count:
        trail = Trail(data[-_TAIL:], seen + count, int(anchors[-1]), *table[:, -1].tolist())
    median, mad = table[:, owner]
    return Baselines(median, mad, trail, data, (anchors - offset)[owner])


def _anchors(start: int, stop: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return at which samples the baselines of some are renewed, and which is whose."""
    index = np.arange(start, stop)
    anchor = index - index % np.where(index < WINDOW, _EARLY_STRIDE, _STRIDE)
    new = np.ones(len(anchor), bool)
    new[1:] = anchor[1:] != anchor[:-1]
    return anchor[new], np.cumsum(new) - 1


def _anchor(sample: int) -> int:
    """Return at which sample the baseline of one was renewed."""
    return sample - sample % (_EARLY_STRIDE if sample < WINDOW else _STRIDE)


def _next_anchor(anchor: int) -> int:
    """Return at which sample a baseline that was renewed at one is renewed next."""
    return anchor + (_EARLY_STRIDE if anchor < WINDOW else _STRIDE)


def _unchanged(trail: Trail, data: Floats, count: int) -> Baselines:
    """Return the baselines of `count` samples for which none is renewed, as in a live log."""
    end = trail.anchor - trail.seen + len(data) - count
    after = Trail(data[-_TAIL:], trail.seen + count, trail.anchor, trail.median, trail.mad)
    both = np.empty((2, count))
    both[0], both[1] = trail.median, trail.mad
    ends = np.empty(count, np.intp)
    ends[:] = end
    return Baselines(both[0], both[1], after, data, ends)


def _robust(windows: Floats) -> Floats:
    median = medians_of(windows)
    mad = medians_of(np.abs(windows - median[:, None]))
    return np.stack((median, mad))


def _log_mad(window: Floats) -> float:
    if len(window) < MINIMUM or window.min() <= 0:
        return 0.0
    return median_of(np.abs(np.log(window / median_of(window))))
