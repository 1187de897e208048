"""Robust baselines of a series: the median and MAD of a window that ends before each value.

A baseline is renewed at fixed sample numbers, not at every sample, which costs a fiftieth and does
not depend on how the log was cut into reads.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trainmon.store.batch import Floats, Rows

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


@dataclass(frozen=True, slots=True)
class Trail:
    """The last finite samples of a series and how many there were since its baseline began."""

    rows: Rows = field(default_factory=lambda: np.empty(0, np.int32))
    values: Floats = field(default_factory=lambda: np.empty(0, np.float64))
    seen: int = 0

    def extended(self, rows: Rows, values: Floats) -> "Trail":
        """Return the trail after further finite samples."""
        if not len(rows):
            return self
        return Trail(
            np.concatenate((self.rows, rows))[-_TAIL:],
            np.concatenate((self.values, values))[-_TAIL:],
            self.seen + len(rows),
        )


@dataclass(frozen=True, slots=True)
class Baselines:
    """For each new sample what its window says; NaN while there is none."""

    median: Floats
    mad: Floats
    log_mad: Floats
    """The MAD of the logarithms, for what varies by factors; 0 where values are not positive."""


def baselines(trail: Trail, values: Floats) -> Baselines:
    """Return the baseline of each of `values`, which follow the samples of `trail`.

    >>> trail = Trail().extended(np.arange(8, dtype=np.int32), np.array([1.0, 2.0] * 4))
    >>> baselines(trail, np.array([9.0])).median.tolist()
    [1.5]
    """
    count = len(values)
    data = np.concatenate((trail.values, values))
    offset = trail.seen - len(trail.values)
    index = np.arange(trail.seen, trail.seen + count)
    stride = np.where(index < WINDOW, _EARLY_STRIDE, _STRIDE)
    anchors, owner = np.unique(index - index % stride, return_inverse=True)
    table = np.full((3, len(anchors)), np.nan)
    early = int(np.searchsorted(anchors, WINDOW))
    for column, anchor in enumerate(anchors[:early]):
        if anchor >= MINIMUM:
            table[:, column] = _robust(data[None, : anchor - offset])[:, 0]
    if early < len(anchors):
        starts = anchors[early:] - WINDOW - offset
        table[:, early:] = _robust(sliding_window_view(data, WINDOW)[starts])
    return Baselines(*table[:, owner])


def _robust(windows: Floats) -> Floats:
    median = np.median(windows, axis=1)
    mad = np.median(np.abs(windows - median[:, None]), axis=1)
    log_mad = np.zeros(len(windows))
    positive = windows.min(axis=1) > 0
    factors = np.log(windows[positive] / median[positive, None])
    log_mad[positive] = np.median(np.abs(factors), axis=1)
    return np.stack((median, mad, log_mad))
