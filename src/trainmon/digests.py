"""The digests of a lane's metrics, which all rules share.

Rules on the course of a series look at cells of 8 consecutive samples. A cell is complete at the
same sample however the log was cut into reads, so what is decided on cells is the same at any cut,
and eight records cost what one would.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from trainmon.digest import CELL, NO_CELLS, Digest
from trainmon.digest_buffers import Buffers, cells_of
from trainmon.roles import Role, role_of
from trainmon.store.batch import Floats, Samples
from trainmon.store.lane import Lane


@dataclass(slots=True)
class _Growing:
    """A digest and where the samples begin that do not fill a cell yet."""

    digest: Digest = NO_CELLS
    buffers: Buffers | None = None
    """Those that it grows in, with others of the same rows."""
    begin: int = 0
    """The row from which on samples are in no cell."""
    pending: int = 0
    """How many of those there are."""
    cell: int = CELL
    """Samples of a cell; 0 until that is known."""


_New = tuple[str, _Growing, Samples]
"""A metric, what is held of it, and all its samples."""


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
        self._growing = {name: _Growing(begin=row, cell=_at_first(name)) for name in self._growing}

    def follow(self, names: Collection[str]) -> None:
        """Keep the digests of these metrics from now on."""
        for name in names:
            if name not in self._growing:
                self._growing[name] = _Growing(begin=self._baseline_row, cell=_at_first(name))
                self._extend((name,), self._baseline_row, self._upto)

    def feed(self, start: int, stop: int) -> Collection[str]:
        """Take in the rows ``start`` to ``stop``; return the metrics that completed a cell."""
        self._upto = stop
        return self._extend(self._growing, start, stop)

    def of(self, name: str | None) -> Digest:
        """Return the digest of a metric up to the rows taken in; empty if there is no such one."""
        if name is None:
            return NO_CELLS
        self.follow((name,))
        return self._growing[name].digest

    def _extend(self, names: Collection[str], start: int, stop: int) -> list[str]:
        """Take in some rows of some metrics; return those that completed a cell."""
        alone = stop - start == 1 and stop == self._lane.n_rows
        alike: dict[tuple[int, ...], list[_New]] = {}
        for name in names:
            if start >= stop or not self._lane.has_since(name, start):
                continue
            growing = self._growing[name]
            growing.pending += 1  # of one record of a live log, which holds the metric
            if alone and growing.pending < (growing.cell or _FIRST_READINGS):
                continue
            if not growing.cell:
                growing.cell = self._cell(name, growing.begin, stop)
                if not growing.cell:
                    continue
            # Metrics that always come together share their rows, and then their cells' places.
            every = self._lane.samples(name)
            key = id(every.rows), growing.begin, growing.digest.count, growing.cell
            alike.setdefault(key, []).append((name, growing, every))
        completed = list[str]()
        for together in alike.values():
            completed += _completed(together, stop)
        return completed

    def _cell(self, name: str, begin: int, stop: int) -> int:
        """Return how many readings a cell has, by the first since the baseline; 0 if too few."""
        every, lane = self._lane.samples(name), self._lane
        first, last = every.positions(begin, stop)
        if last - first < _FIRST_READINGS:
            return 0
        rows = every.rows[[first, first + _FIRST_READINGS - 1]]
        return cell_of(lane.steps[rows], lane.times[rows])


def _at_first(name: str) -> int:
    """Return the samples of a cell as far as the name tells."""
    return 0 if role_of(name).role is Role.SYSTEM else CELL


_FIRST_READINGS = 4
"""Readings of the machine by which it is seen how far they are apart."""

_STRETCH = 32.0
"""Steps, or seconds where readings stand at no step, that a cell of readings stands for at least.
Eight readings of every fourth step do."""

_ALIKE = 1.0
"""Seconds: what drivers tell is a mean over about as long, so that closer readings are alike."""

_FEWEST = 2
"""Readings of a cell, so that a single one is none."""


def cell_of(steps: Floats, times: Floats) -> int:
    """Return how many readings a cell has, given where the first and a later one of them stand.

    >>> cell_of(np.array([1.0, 4.0]), np.array([0.0, 9.0]))  # one at each step
    8
    >>> cell_of(np.array([30.0, 120.0]), np.array([0.0, 25.0]))  # one at each 30th step
    2
    """
    passed = [float(place[1] - place[0]) / (_FIRST_READINGS - 1) for place in (steps, times)]
    apart = passed[0] if passed[0] == passed[0] else passed[1]
    if passed[1] < _ALIKE or not apart > 0:
        return CELL
    size = CELL
    while size > _FEWEST and size / 2 * apart >= _STRETCH:
        size //= 2
    return size


def _completed(together: list[_New], stop: int) -> list[str]:
    """Extend the digests of metrics that stand in the same rows; return these, if any are."""
    names, growing, series = zip(*together, strict=True)
    cell = growing[0].cell
    first, last = series[0].positions(growing[0].begin, stop)
    whole = first + (last - first) // cell * cell
    if whole == first:
        for each in growing:
            each.pending = last - first
        return []
    rows = series[0].rows[first:whole]
    cells = cells_of(rows, np.array([each.values[first:whole] for each in series]), cell)
    buffers = growing[0].buffers
    others = any(each.buffers is not buffers for each in growing)
    if buffers is None or others or buffers.series != len(growing):
        buffers = Buffers([each.digest for each in growing], cell)
    begin = int(rows[-1]) + 1
    for each, digest in zip(growing, buffers.add(cells), strict=True):
        each.digest, each.buffers = digest, buffers
        each.begin, each.pending = begin, last - whole
    return list(names)
