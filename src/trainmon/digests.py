"""Series in short: the median and the range of each 8 consecutive samples since the baseline.

Rules on the course of a series look at these cells. A cell is complete at the same sample however
the log was cut into reads, so what is decided on cells is the same at any cut, and eight records
cost what one would. All rules share them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.medians import median_of
from trainmon.store.batch import Floats, Rows
from trainmon.store.lane import Lane

CELL = 8
"""Samples of a cell: the fewest that have a spread, and few enough that short logs have cells."""

KEPT = 1_024
"""Cells kept of what came before a block: 8,192 samples."""


def _no_rows() -> Rows:
    return np.empty(0, np.int32)


def _no_values() -> Floats:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Digest:
    """The cells of one metric, oldest first; arrays of one length. Immutable."""

    rows: Rows = field(default_factory=_no_rows)
    """The row of each cell's last sample, where the cell is known."""
    first_rows: Rows = field(default_factory=_no_rows)
    """The row of its first sample."""
    median: Floats = field(default_factory=_no_values)
    """Over its finite samples; NaN where there are none, and so are `low` and `high`."""
    low: Floats = field(default_factory=_no_values)
    high: Floats = field(default_factory=_no_values)
    bad: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    """How many of its samples are not finite."""
    count: int = 0
    """Cells since the baseline; of those only the last are kept."""

    def __len__(self) -> int:
        return len(self.rows)

    def since(self, row: int) -> int:
        """Return the index of the first cell that is complete at `row` or later."""
        count = len(self.rows)
        if not count:
            return 0
        first = self.rows.item(0)
        if self.rows.item(-1) - first == CELL * (count - 1):  # a sample in each row: no search
            return min(max(0, -((first - row) // CELL)), count)
        return int(self.rows.searchsorted(np.int32(row)))

    def upto(self, row: int) -> "Digest":
        """Return the digest as it stood at a row."""
        end = self.since(row + 1)
        if end == len(self.rows):
            return self
        return Digest(
            self.rows[:end],
            self.first_rows[:end],
            self.median[:end],
            self.low[:end],
            self.high[:end],
            self.bad[:end],
            self.count - len(self.rows) + end,
        )

    def extended(self, rows: Rows, values: Floats) -> "Digest":
        """Return the digest with whole cells of samples behind it."""
        buffers = _Buffers()
        buffers.keep(self)
        return buffers.add(rows, values)


def _cells(rows: Rows, values: Floats) -> tuple[NDArray[Any], ...]:
    """Return the columns of whole cells, in the order of a digest's fields."""
    count = len(values) // CELL
    cells = np.sort(values.reshape(count, CELL), axis=1)  # NaN comes last
    bad = np.count_nonzero(~np.isfinite(cells), axis=1).astype(np.int8)
    median = (cells[:, CELL // 2 - 1] + cells[:, CELL // 2]) / 2
    low, high = cells[:, 0].copy(), cells[:, -1].copy()
    for index in np.flatnonzero(bad).tolist():
        finite = cells[index][np.isfinite(cells[index])]
        some = len(finite) > 0
        median[index] = median_of(finite) if some else np.nan
        low[index], high[index] = (finite[0], finite[-1]) if some else (np.nan, np.nan)
    last = rows.reshape(count, CELL)
    return last[:, -1], last[:, 0], median, low, high, bad


def _few_cells(rows: Rows, values: Floats) -> tuple[list[float], ...] | None:
    """Return the columns of a few whole cells; None if some samples are not finite.

    It is what `_cells` returns of them, at a tenth of the cost.
    """
    cells = []
    every, places = values.tolist(), rows.tolist()
    if not isfinite(sum(every)):
        return None
    for begin in range(0, len(every), CELL):
        ordered = sorted(every[begin : begin + CELL])
        median = (ordered[CELL // 2 - 1] + ordered[CELL // 2]) / 2
        last, first = places[begin + CELL - 1], places[begin]
        cells.append((last, first, median, ordered[0], ordered[-1], 0))
    return tuple(map(list, zip(*cells, strict=True)))


_FEW = 16
"""Cells, as a live log brings them, for which numbers are quicker than arrays."""


NO_CELLS = Digest()


class _Buffers:
    """The cells of one metric while they grow, without copying what is held at each one.

    What was given out is never changed: cells are put behind it, or into new buffers.
    """

    __slots__ = ("_columns", "_count", "_stop")

    _columns: tuple[NDArray[Any], ...]

    def __init__(self) -> None:
        self.keep(NO_CELLS)

    def keep(self, digest: Digest) -> None:
        """Begin with the cells of a digest."""
        columns = digest.rows, digest.first_rows, digest.median, digest.low, digest.high, digest.bad
        self._columns, self._stop, self._count = columns, len(digest), digest.count

    def add(self, rows: Rows, values: Floats) -> Digest:
        """Return the digest with whole cells behind it: the last ones kept, and those."""
        count = len(values) // CELL
        few = _few_cells(rows, values) if count <= _FEW else None
        new = few or _cells(rows, values)
        if self._stop + count > len(self._columns[0]):
            self._move(count)
        begin, self._stop = self._stop, self._stop + count
        self._count += count
        for column, more in zip(self._columns, new, strict=True):
            column[begin : self._stop] = more
        held = slice(max(0, begin - KEPT), self._stop)
        rows_, first_rows, median, low, high, bad = self._columns
        return Digest(
            rows_[held],
            first_rows[held],
            median[held],
            low[held],
            high[held],
            bad[held],
            self._count,
        )

    def _move(self, count: int) -> None:
        """Go on in larger buffers with what is kept."""
        first = max(0, self._stop - KEPT)
        kept = self._stop - first
        room = max(2 * (kept + count), _ROOM)
        columns = tuple(np.empty(room, column.dtype) for column in self._columns)
        for new, old in zip(columns, self._columns, strict=True):
            new[:kept] = old[first : self._stop]
        self._columns, self._stop = columns, kept


_ROOM = 32
"""Cells that new buffers have room for: most series of most runs are short."""


@dataclass(slots=True)
class _Growing:
    """A digest and where the samples begin that do not fill a cell yet."""

    digest: Digest = NO_CELLS
    buffers: _Buffers = field(default_factory=_Buffers)
    begin: int = 0
    """The row from which on samples are in no cell."""
    pending: int = 0
    """How many of those there are."""


class Digests:
    """The digests of one lane's metrics, made for those that a rule asks for.

    Owned by the monitor thread.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._baseline_row = 0
        self._upto = 0
        self._growing: dict[str, _Growing] = {}

    def begin(self, row: int) -> None:
        """Begin anew at a baseline: cells hold samples of one side of it alone."""
        self._baseline_row = row
        for growing in self._growing.values():
            growing.digest, growing.begin, growing.pending = NO_CELLS, row, 0
            growing.buffers = _Buffers()

    def follow(self, names: Collection[str]) -> None:
        """Keep the digests of these metrics from now on."""
        for name in names:
            if name not in self._growing:
                self._growing[name] = _Growing(begin=self._baseline_row)
                self._extend(name, self._baseline_row, self._upto)

    def feed(self, start: int, stop: int) -> set[str]:
        """Take in the rows ``start`` to ``stop``; return the metrics that completed a cell."""
        self._upto = stop
        return {name for name in self._growing if self._extend(name, start, stop)}

    def of(self, name: str | None) -> Digest:
        """Return the digest of a metric up to the rows taken in; empty if there is no such one."""
        if name is None:
            return NO_CELLS
        self.follow((name,))
        return self._growing[name].digest

    def _extend(self, name: str, start: int, stop: int) -> bool:
        if start >= stop or not self._lane.has_since(name, start):
            return False
        growing = self._growing[name]
        if stop - start == 1 and stop == self._lane.n_rows:
            growing.pending += 1  # one record of a live log: it holds the metric
        else:
            every = self._lane.samples(name)
            first, last = every.positions(max(start, self._baseline_row), stop)
            growing.pending += last - first
        if growing.pending < CELL:
            return False
        every = self._lane.samples(name)
        first, last = every.positions(growing.begin, stop)
        whole = first + (last - first) // CELL * CELL
        rows, values = every.rows[first:whole], every.values[first:whole]
        growing.digest = growing.buffers.add(rows, values)
        growing.begin, growing.pending = int(rows[-1]) + 1, last - whole
        return True
