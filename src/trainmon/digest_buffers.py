"""How cells are made of samples, and held while a digest grows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainmon.digest import CELL, KEPT, NO_CELLS, Digest
from trainmon.medians import median_of
from trainmon.store.batch import Floats, Rows

_ROOM = 32
"""Cells that new buffers have room for: most series of most runs are short."""


class Cells(NamedTuple):
    """Whole cells of some series that have their samples in the same rows."""

    rows: Rows
    """The row of each cell's last sample, shape ``(cells,)``."""
    first_rows: Rows
    levels: Floats
    """Median, lowest and highest finite sample, shape ``(3, series, cells)``; NaN without one."""
    bad: NDArray[np.int8]
    """How many samples are not finite, shape ``(series, cells)``."""


def cells_of(rows: Rows, samples: Floats, size: int = CELL) -> Cells:
    """Return the whole cells of samples, shape ``(series, rows)``, which it sorts in place.

    A cell has `size` samples, an even number.

    All series at once: a live log brings a few cells of many series, each of which costs a dozen
    calls by itself.
    """
    series, count = len(samples), len(rows) // size
    cells = samples.reshape(series, count, size)
    cells.sort(axis=2)  # NaN comes last
    levels = np.empty((3, series, count))
    np.add(cells[:, :, size // 2 - 1], cells[:, :, size // 2], out=levels[0])
    levels[0] /= 2
    levels[1], levels[2] = cells[:, :, 0], cells[:, :, -1]
    bad = np.zeros((series, count), np.int8)
    # A sum of finite samples may be infinite too: then the search finds none.
    if not np.isfinite(np.add.reduce(levels[1:], axis=None)):
        bad[:] = np.count_nonzero(~np.isfinite(cells), axis=2)
        for place in zip(*bad.nonzero(), strict=True):
            finite = cells[place][np.isfinite(cells[place])]
            low, high = (finite[0], finite[-1]) if len(finite) else (np.nan, np.nan)
            levels[(slice(None), *place)] = median_of(finite), low, high
    return Cells(rows[size - 1 :: size], rows[::size], levels, bad)


class Buffers:
    """The cells of some series while they grow, without copying what is held at each one.

    The series have had their samples in the same rows since the baseline. What was given out is
    never changed: cells are put behind it, or into new buffers.
    """

    __slots__ = ("_bad", "_cell", "_count", "_levels", "_rows", "_stop", "series")

    def __init__(self, digests: Sequence[Digest], cell: int = CELL) -> None:
        self.series = len(digests)
        self._cell = cell
        first = digests[0]
        self._rows = np.array([first.rows, first.first_rows])
        self._levels = np.array(
            [[getattr(each, level) for each in digests] for level in ("median", "low", "high")]
        )
        self._bad = np.array([each.bad for each in digests])
        self._stop, self._count = len(first), first.count

    def add(self, cells: Cells) -> list[Digest]:
        """Return the digest of each series with its cells behind it: the last ones kept, and those.

        There are as many series as there were digests.
        """
        count = len(cells.rows)
        if self._stop + count > len(self._rows[0]):
            self._move(count)
        begin, self._stop = self._stop, self._stop + count
        self._count += count
        new, held = slice(begin, self._stop), slice(max(0, begin - KEPT), self._stop)
        self._rows[0, new], self._rows[1, new] = cells.rows, cells.first_rows
        self._levels[:, :, new], self._bad[:, new] = cells.levels, cells.bad
        rows, first_rows = self._rows[:, held]
        columns = zip(*self._levels[:, :, held], self._bad[:, held], strict=True)
        return [
            Digest(rows, first_rows, median, low, high, bad, self._cell, self._count)
            for median, low, high, bad in columns
        ]

    def _move(self, count: int) -> None:
        """Go on in larger buffers with what is kept."""
        kept = slice(max(0, self._stop - KEPT), self._stop)
        length = kept.stop - kept.start
        room = max(2 * (length + count), _ROOM)
        self._rows = _moved(self._rows, kept, room)
        self._levels, self._bad = _moved(self._levels, kept, room), _moved(self._bad, kept, room)
        self._stop = length


def _moved(held: NDArray[Any], kept: slice, room: int) -> NDArray[Any]:
    """Return a buffer with room for more that begins with what is kept."""
    buffer = np.empty((*held.shape[:-1], room), held.dtype)
    buffer[..., : kept.stop - kept.start] = held[..., kept]
    return buffer


def digest_of(rows: Rows, values: Floats) -> Digest:
    """Return the digest of the whole cells of samples.

    >>> digest_of(np.arange(8, dtype=np.int32), np.arange(8.0)).median.tolist()
    [3.5]
    """
    whole = len(rows) // CELL * CELL
    if not whole:
        return NO_CELLS
    return Buffers([NO_CELLS]).add(cells_of(rows[:whole], np.array([values[:whole]])))[0]
