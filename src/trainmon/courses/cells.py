"""The course of a series over the cells of its digest: levels, noise, how far it has come.

All of it depends on cells and samples at absolute places, so it is the same at any cut.
"""

from math import isfinite
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.windows import MAD_TO_SIGMA
from trainmon.digest import KEPT, Digest
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.rule import LOOKBACK, Block
from trainmon.store.batch import Floats, Rows

_NOISE_CELLS = 64
"""Cells that noise is taken from: 512 samples."""

_FEWEST_CELLS = 8
"""Cells from which on there is a noise: six second differences."""

_LAGS = (3, 6, 12)
"""Places over which values are compared with each other."""

_FEW_COLUMNS = 8
"""Windows up to this width are put side by side, which is quicker than to slide over them."""

_FEW = 16
"""Cells, as a live log brings them, for which numbers are quicker than arrays."""


def levels(medians: Floats, first: int, width: int) -> Floats:
    """Return for each cell from `first` on the median of it and the cells before, `width` in all.

    NaN where there are fewer.

    >>> levels(np.array([1.0, 5.0, 2.0, 8.0]), 1, 3).tolist()
    [nan, 2.0, 5.0]
    """
    count, half = len(medians) - first, width // 2
    if count <= _FEW and first >= width - 1:
        held = medians[first - width + 1 :].tolist()
        if isfinite(sum(held)):  # NaN has no order
            windows = (sorted(held[place : place + width]) for place in range(count))
            return np.array([(each[(width - 1) // 2] + each[half]) / 2 for each in windows])
    found = np.full(count, np.nan)
    start = max(first, width - 1)
    told = len(medians) - start
    if told > 0:
        recent = medians[start - width + 1 :]
        if width <= _FEW_COLUMNS:
            columns = np.stack([recent[place : place + told] for place in range(width)], axis=1)
        else:
            columns = sliding_window_view(recent, width)
        ordered = np.sort(columns, axis=1)
        found[start - first :] = (ordered[:, (width - 1) // 2] + ordered[:, half]) / 2
    return found


def noise_before(medians: Floats, cells: NDArray[np.intp], count: int) -> Floats:
    """Return for some cells the noise of a cell's median, from cells before them; NaN if too few.

    `cells` are indices of `medians`, which are the last ones of `count` since the baseline. What is
    looked at ends at every eighth cell, so that cells share their noise.
    """
    left_out = count - len(medians)
    numbers = cells + left_out
    ends, owner = np.unique(numbers - numbers % _FEWEST_CELLS - left_out, return_inverse=True)
    found = [noise(medians[max(0, end - _NOISE_CELLS) : max(0, end)]) for end in ends.tolist()]
    return np.array(found)[owner]


def noise(values: Floats) -> float:
    """Return the standard deviation of values around their course; NaN of fewer than eight.

    It is that of second differences, which a trend leaves alone and a jump or two do not matter to.

    >>> noise(np.arange(20.0))
    0.0
    """
    bends = np.abs(np.diff(values, n=2))
    bends = finite(bends)
    if len(bends) < _FEWEST_CELLS - 2:
        return float("nan")
    # A second difference of independent noise has 1 + 4 + 1 times its variance.
    return median_of(bends) * MAD_TO_SIGMA / 6**0.5


def strays(values: Floats) -> float:
    """Return by how much values rise now and then, as a standard deviation; 0 if too few tell.

    It is the upper quartile of what they rise by over some places: averages and slow waves look
    smooth to their neighbours and stray all the same, and what only falls does not.

    >>> strays(np.arange(40.0, 0.0, -1.0))
    0.0
    >>> wave = np.sin(np.arange(40.0) / 3)
    >>> noise(wave) < 0.1 < strays(wave)
    True
    """
    found = 0.0
    for lag in _LAGS:
        rises = values[lag:] - values[:-lag]
        rises = np.sort(finite(rises))
        if len(rises) >= _FEWEST_CELLS:
            # A difference of independent noise has twice its variance.
            found = max(found, rises.item(3 * len(rises) // 4) * MAD_TO_SIGMA / 2**0.5)
    return found


def strays_before(medians: Floats, cell: int, end: int) -> float:
    """Return how far cells strayed up to one of them, for another one at `end`; 0 if long ago."""
    if end - cell > KEPT - _NOISE_CELLS:
        return 0.0
    return strays(medians[max(0, cell + 1 - _NOISE_CELLS) : cell + 1])


def has_new(digest: Digest, block: Block) -> bool:
    """Return whether a cell is complete in the block; cheaper than to look for which."""
    return len(digest) > 0 and digest.rows.item(-1) >= block.start


def level_at(digest: Digest, row: int, cells: int) -> float:
    """Return the median of the last cells that are complete at a row; NaN if there are none."""
    end = digest.since(row + 1)
    values = finite(digest.median[max(0, end - cells) : end])
    return median_of(values) if len(values) else float("nan")


def rate_at(context: Context, block: Block, row: int) -> float:
    """Return the learning rate at a row, the last one that was logged; NaN if there is none."""
    return float(rates_at(context, block, np.array([row]))[0])


def rates_at(context: Context, block: Block, rows: NDArray[np.integer[Any]]) -> Floats:
    """Return the learning rate at some rows, each the last one that was logged; NaN before."""
    every = block.lane.samples(context.learning_rate)
    if not len(every):
        return np.full(len(rows), np.nan)
    ends = np.searchsorted(every.rows, rows.astype(np.int32), side="right")
    return np.where(ends > 0, every.values[np.maximum(ends, 1) - 1], np.nan)


def beginning(digest: Digest) -> float:
    """Return the level of the first cell, while it is held; NaN after that, or if there is none."""
    return float(digest.median[0]) if 0 < digest.count == len(digest) else float("nan")


def loss_began(context: Context, block: Block) -> float:
    """Return where the training loss began, while its first cell is held; NaN else.

    That is no higher than its very first sample: what leaps in its first steps and comes back has
    not fallen.
    """
    level = beginning(block.digest(context.train_loss))
    if not isfinite(level):
        return level
    every = block.lane.samples(context.train_loss)
    (at,) = every.positions(context.baseline_row)
    return float(np.fmin(level, every.values[at]))


def fallen(first: float, now: float) -> float:
    """Return the share by which a loss has fallen, also one that has fallen below 0.

    >>> fallen(2.0, 0.5), fallen(1.0, -1.0), fallen(1.0, 2.0)
    (0.75, 2.0, -0.5)
    """
    largest = max(abs(first), abs(now))
    return (first - now) / largest if largest else 0.0


_LEVEL_CELLS = 4
"""Cells of the level of a loss at some row: 32 samples."""


def loss_fallen(context: Context, block: Block, first: float, row: int) -> float:
    """Return by what share the training loss has fallen from `first` to a row; NaN if unknown."""
    return fallen(first, level_at(block.digest(context.train_loss), row, _LEVEL_CELLS))


_LATELY = 12
"""Cells over which a loss has fallen lately: 96 samples."""


def losses_fallen(
    context: Context, block: Block, first: float, rows: Rows
) -> tuple[Floats, Floats]:
    """Return by what share the training loss has fallen from `first` to some rows, and lately.

    NaN where that is unknown.
    """
    digest = block.digest(context.train_loss)
    level = levels(digest.median, 0, _LEVEL_CELLS) if len(digest) else np.full(1, np.nan)
    ends = np.searchsorted(digest.rows, rows, side="right") - 1
    now = np.where(ends >= 0, level[np.maximum(ends, 0)], np.nan)
    before = np.where(ends >= _LATELY, level[np.maximum(ends - _LATELY, 0)], np.nan)
    return (first - now) / np.fmax(abs(first), np.abs(now)), (before - now) / np.abs(before)


def in_a_row(flags: NDArray[np.bool_], before: int) -> NDArray[np.intp]:
    """Return for each flag how many in a row are set up to it, `before` of them in front.

    >>> in_a_row(np.array([True, False, True, True]), 2).tolist()
    [3, 0, 1, 2]
    """
    place = np.arange(1, len(flags) + 1)
    return place - np.maximum.accumulate(np.where(flags, -before, place))


def onset_above(block: Block, digest: Digest, cell: int, name: str, limit: float) -> int:
    """Return the row from which on a metric stands above a limit, up to a cell of its digest."""
    far = max(0, cell - KEPT)
    calm = np.flatnonzero(digest.median[far : cell + 1] <= limit)
    first = far + int(calm[-1]) if len(calm) else far
    begin, end = int(digest.first_rows[first]), int(digest.rows[min(first + 1, cell)])
    samples = block.before(name, LOOKBACK, end + 1)
    above = ~(samples.values <= limit) & (samples.rows >= begin)
    lasting = np.flatnonzero(above & np.append(above[1:], True))
    return int(samples.rows[lasting[0]]) if len(lasting) else end
