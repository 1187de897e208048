"""What is usual of the time that something takes in each step: the level of the samples before.

The level is taken from the last 24 whole cells of the digest, and anew with every sixth one (while
there are fewer, with each), so that it is the same however the log was cut into reads. A rough one
of all samples costs a few numbers per cell; the exact one is for the few that stand out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainmon.digest import CELL, Digest
from trainmon.finite import finite
from trainmon.medians import medians_of
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows

WINDOW = 24
"""Cells of a full window, 192 samples: long enough for a stable MAD, short enough to follow."""

_STRIDE = 6
"""Cells between two renewals of a full window."""

Cells = NDArray[np.int64]
"""Numbers of cells, counted since the baseline."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time that each step takes: a metric, less another one where both are logged."""

    metric: str
    less: str | None = None

    def at(self, block: Block, rows: Rows, values: Floats) -> Floats:
        """Return the duration where the metric has these values in these rows."""
        if self.less is None:
            return values
        other = block.lane.samples(self.less)
        return values - other.at(rows, 0.0)


def anchor(cell: int) -> int:
    """Return how many cells had come when the level of a cell's samples was taken.

    >>> [anchor(cell) for cell in (0, 3, 24, 29, 30)]
    [0, 3, 24, 24, 30]
    """
    return cell if cell < WINDOW else cell - cell % _STRIDE


def rough(block: Block, duration: Duration, cells: Cells) -> Floats:
    """Return about the median for the samples of each of some consecutive cells.

    It is NaN before the first whole cell.
    """
    anchors = np.where(cells < WINDOW, cells, cells - cells % _STRIDE)
    distinct, owner = np.unique(anchors, return_inverse=True)
    digest = block.digest(duration.metric)
    levels = _medians(digest, distinct)
    if duration.less is not None and len(digest):
        other = block.digest(duration.less)
        ends = digest.rows[np.maximum(distinct - (digest.count - len(digest)) - 1, 0)]
        behind = np.searchsorted(other.rows, ends, side="right") + (other.count - len(other))
        taken = _medians(other, behind)
        levels = levels - np.where(np.isfinite(taken), taken, 0.0)
    return np.asarray(levels[owner])


def least_level(block: Block, duration: Duration, cell: int) -> float:
    """Return what the rough level is at least for the samples of all cells from one on.

    It costs less than the level of each; it is minus infinity where there may be none.
    """
    digest = block.digest(duration.metric)
    begin = cell - WINDOW - _STRIDE - (digest.count - len(digest))
    if cell < 1 or begin + 1 >= len(digest):
        return -np.inf
    begin = max(0, begin)
    least = digest.median[begin:].min()
    if duration.less is not None:
        other = block.digest(duration.less)
        first = other.since(int(digest.first_rows[begin])) - WINDOW
        least -= other.median[max(0, first) :].max(initial=0.0)
    return float(least) if np.isfinite(least) else -np.inf


def window(block: Block, duration: Duration, anchored: int) -> Floats:
    """Return the finite values before the samples whose anchor this is, in ascending order."""
    digest = block.digest(duration.metric)
    left_out = digest.count - len(digest)
    first = int(digest.first_rows[max(0, anchored - WINDOW) - left_out])
    every = block.lane.samples(duration.metric)
    begin, end = every.positions(first, int(digest.rows[anchored - 1 - left_out]) + 1)
    values = duration.at(block, every.rows[begin:end], every.values[begin:end])
    return np.sort(finite(values))


def middle(ordered: Floats) -> float:
    """Return the median of values in ascending order; NaN of none."""
    half = len(ordered) // 2
    return float((ordered[half] + ordered[~half]) / 2) if len(ordered) else np.nan


def number_of(block: Block, metric: str, row: int) -> int:
    """Return how many samples of a metric stand before a row since the baseline."""
    digest = block.digest(metric)
    before = digest.since(row)
    begin = int(digest.rows[before - 1]) + 1 if before else block.baseline_row
    first, last = block.lane.samples(metric).positions(begin, row)
    return CELL * (digest.count - len(digest) + before) + last - first


def _medians(digest: Digest, anchors: Cells) -> Floats:
    """Return the median of the medians of the cells before each of some anchors."""
    left_out = digest.count - len(digest)
    medians = digest.median
    table = np.full(len(anchors), np.nan)
    full = anchors >= WINDOW + left_out
    if full.any():
        windows = sliding_window_view(medians, WINDOW)[anchors[full] - WINDOW - left_out]
        table[full] = medians_of(windows)
    for place in np.flatnonzero(~full & (anchors > left_out)).tolist():
        table[place] = middle(np.sort(medians[: int(anchors[place]) - left_out]))
    return table
