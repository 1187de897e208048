"""A few records in a row whose gradient norm is far above what is usual."""

from dataclasses import dataclass
from math import inf, isfinite
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.digest import CELL, Digest
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.rule import Block
from trainmon.store.batch import Floats, Samples

Flags = NDArray[np.bool_]

USUAL = 24
"""Cells of 8 records whose median is the usual norm: 192 records."""

_FEWEST = 4
"""Cells that tell what is usual at least."""


class Outburst(NamedTuple):
    """Records in a row that stand far above the others."""

    onset: int
    """The row of the first one."""
    worst: float
    """The largest norm; infinity where one was."""


@dataclass(frozen=True, slots=True)
class Far:
    """What is far above the usual norm, and above the first one."""

    times: float
    """Times the usual norm."""
    times_first: float
    """Times the norm of the first cell."""

    def are_calm(self, digest: Digest, begin: int, first: float) -> bool:
        """Return whether the cells from one on are of the usual size, whatever that is exactly."""
        high = np.maximum.reduce(digest.high[begin:])
        least = np.minimum.reduce(digest.median[max(0, begin - USUAL) :])
        low = high <= self.times * least and high <= self.times_first * first  # false of NaN
        return bool(low and not np.add.reduce(digest.bad[begin:]))

    def cells(
        self, digest: Digest, begin: int, first: float, learning_row: int | None
    ) -> tuple[Flags, Flags]:
        """Return which cells may hold an outburst, and which stand far above the first one.

        None does before the warm-up is over. A cell of nothing but NaN goes on with the one before.
        """
        high, median, bad = digest.high[begin:], digest.median[begin:], digest.bad[begin:]
        if learning_row is None or self.are_calm(digest, begin, first):
            nowhere = np.zeros(len(high), np.bool_)
            return nowhere, nowhere
        begun = digest.bad[begin - 1] == CELL if begin else False
        nothing = (bad == CELL) & np.concatenate(((begun,), bad[:-1] == CELL))
        far = (high > self.times * _least_before(digest.median, begin)) | ((bad > 0) & ~nothing)
        above = (median > self.times_first * first) & (first > 0)
        behind = digest.first_rows[begin:] >= learning_row
        return far & behind, above & behind


def _least_before(medians: Floats, begin: int) -> Floats:
    """Return for each cell from one on the least median of the cells that tell what is usual.

    >>> _least_before(np.array([3.0, 1.0, 2.0]), 1).tolist()
    [3.0, 1.0]
    """
    padded = np.concatenate((np.full(USUAL, inf), medians))
    windows = sliding_window_view(padded[begin:-1], USUAL)
    return np.asarray(np.fmin.reduce(windows, axis=1))


def usual_before(medians: Floats, cell: int) -> float:
    """Return the usual norm before a cell; NaN where too few cells tell."""
    before = medians[max(0, cell - USUAL) : cell]
    before = finite(before)
    return median_of(before) if len(before) >= _FEWEST else float("nan")


def outburst(
    samples: Samples, limit: float, records: int, since: int, *, scaled: bool
) -> Outburst | None:
    """Return the first `records` in a row above a limit that end at the row `since` or later.

    Infinite norms count, and NaN behind a norm that counts, unless a loss scale makes them
    ordinary.

    >>> norms = Samples(np.arange(5, dtype=np.int32), np.array([1.0, 1.0, 900.0, np.nan, np.inf]))
    >>> outburst(norms, 100.0, 3, 0, scaled=False)
    Outburst(onset=2, worst=inf)
    >>> outburst(norms, 100.0, 3, 0, scaled=True) is None
    True
    """
    streak, onset, worst = 0, 0, 0.0
    for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
        endless = not isfinite(value) and not scaled and (value == inf or streak > 0)
        if not (endless or limit < value < inf):
            streak, worst = 0, 0.0
            continue
        onset = onset if streak else row
        streak, worst = streak + 1, max(worst, value)
        if streak >= records and row >= since:
            return Outburst(onset, worst)
    return None


def lone(
    samples: Samples, digest: Digest, cell: int, usual: float, times: float
) -> Outburst | None:
    """Return the one record of a cell that is so many times the usual norm, and stands all alone.

    Nothing in the cells before comes near it, nor any other record: it is no tail of a
    distribution that has one, but a batch that is unlike all others.
    """
    before = digest.high[max(0, cell - USUAL) : cell]
    near, last = times * usual * _NEAR, samples.values[-CELL:]
    far = np.flatnonzero(last > times * usual)
    if len(far) != 1 or not np.isfinite(last).all() or not np.fmax.reduce(before) <= near:
        return None
    others = np.delete(last, far[0])
    if others.max(initial=0.0) > near or digest.bad[max(0, cell - USUAL) : cell].any():
        return None
    return Outburst(int(samples.rows[-CELL:][far[0]]), float(last[far[0]]))


_NEAR = 0.03
"""Of a lone record: the largest of 200 norms with a heavy tail is three times the next one."""


def leaves_plateau(context: Context, block: Block, row: int, falls: float) -> bool:
    """Return whether the loss fell just now below a share of what was usual: such a run learns."""
    digest = block.digest(context.train_loss)
    end = digest.since(row + 1)
    before = digest.median[max(0, end - USUAL - 1) : max(0, end - 1)]
    if not len(before):
        return False
    usual = median_of(before)
    return bool(digest.median[end - 1] < usual - (1 - falls) * abs(usual))
