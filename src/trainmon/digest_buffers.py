"""How cells are made of samples, and held while a digest grows."""

from typing import NamedTuple

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


def cells_of(rows: Rows, samples: Floats) -> Cells:
    """Return the whole cells of samples, shape ``(series, rows)``, which it sorts in place.

    All series at once: a live log brings a few cells of many series, each of which costs a dozen
    calls by itself.
    """
    series, count = len(samples), len(rows) // CELL
    cells = samples.reshape(series, count, CELL)
    cells.sort(axis=2)  # NaN comes last
    levels = np.empty((3, series, count))
    np.add(cells[:, :, CELL // 2 - 1], cells[:, :, CELL // 2], out=levels[0])
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
    return Cells(rows[CELL - 1 :: CELL], rows[::CELL], levels, bad)


class Buffers:
    """The cells of one metric while they grow, without copying what is held at each one.

    What was given out is never changed: cells are put behind it, or into new buffers.
    """

    __slots__ = ("_bad", "_count", "_levels", "_rows", "_stop")

    def __init__(self) -> None:
        self._rows = np.empty((2, 0), np.int32)
        self._levels = np.empty((3, 0))
        self._bad = np.empty(0, np.int8)
        self._stop = self._count = 0

    def add(self, cells: Cells, series: int) -> Digest:
        """Return the digest with the cells of one of the series behind it: the last ones kept."""
        count = len(cells.rows)
        if self._stop + count > len(self._bad):
            self._move(count)
        begin, self._stop = self._stop, self._stop + count
        self._count += count
        self._rows[0, begin : self._stop] = cells.rows
        self._rows[1, begin : self._stop] = cells.first_rows
        self._levels[:, begin : self._stop] = cells.levels[:, series]
        self._bad[begin : self._stop] = cells.bad[series]
        held = slice(max(0, begin - KEPT), self._stop)
        rows, first_rows = self._rows[:, held]
        median, low, high = self._levels[:, held]
        return Digest(rows, first_rows, median, low, high, self._bad[held], self._count)

    def _move(self, count: int) -> None:
        """Go on in larger buffers with what is kept."""
        kept = slice(max(0, self._stop - KEPT), self._stop)
        length = kept.stop - kept.start
        room = max(2 * (length + count), _ROOM)
        rows, levels, bad = self._rows, self._levels, self._bad
        self._rows, self._levels = np.empty((2, room), np.int32), np.empty((3, room))
        self._bad = np.empty(room, np.int8)
        self._rows[:, :length], self._levels[:, :length] = rows[:, kept], levels[:, kept]
        self._bad[:length], self._stop = bad[kept], length


def digest_of(rows: Rows, values: Floats) -> Digest:
    """Return the digest of the whole cells of samples.

    >>> digest_of(np.arange(8, dtype=np.int32), np.arange(8.0)).median.tolist()
    [3.5]
    """
    whole = len(rows) // CELL * CELL
    if not whole:
        return NO_CELLS
    return Buffers().add(cells_of(rows[:whole], np.array([values[:whole]])), 0)
