"""Troubles that last: as many bad windows in a row open a finding as calm ones clear it.

A window is some cells of a digest, at the same samples however the log was cut into reads. Any
number of windows is judged at once, and only what is told costs anything by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainmon.digest import Digest
from trainmon.finite import finite
from trainmon.rule import Block, Event, EventKind, Evidence, Severity, known
from trainmon.store.batch import Floats

_TELLING = 1.5
"""Growth of the windows since it opened at which a finding is told anew: some dozens of times."""

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Levels = NDArray[np.int8]
"""How bad each of some windows is: 0, or the severity that it speaks for."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that are complete now: groups of as many cells of a digest."""

    digest: Digest
    width: int
    """Cells of a window."""
    first: Places
    """The place of each window's first cell in the digest; windows follow one another."""

    @property
    def last(self) -> Places:
        """The place of each window's last cell."""
        return self.first + self.width - 1

    @property
    def medians(self) -> Floats:
        """The median of the medians of each window's cells."""
        if self.width == 1:
            return self.digest.median[self.first]
        table = np.sort(self.cells(self.digest.median), axis=1)
        return np.asarray((table[:, (self.width - 1) // 2] + table[:, self.width // 2]) / 2)

    def cells(self, values: Floats) -> Floats:
        """Return a column of the digest with the cells of each window in a row."""
        count = len(self.first)
        begin = self.first.item(0) if count else 0
        return values[begin : begin + count * self.width].reshape(count, self.width)

    def rows(self, place: int, count: int = 1) -> tuple[int, int]:
        """Return the first and the last row of `count` windows up to one of them.

        Some of these may stand before those that are complete now.
        """
        end = self.first.item(0) + (place + 1) * self.width
        begin = max(0, end - count * self.width)
        return self.digest.first_rows.item(begin), self.digest.rows.item(end - 1)


CELLS = 4
"""Cells of a usual window: 32 steps are two rounds of 16 workers, each of which may be late."""


def steps_apart(block: Block, digest: Digest) -> float:
    """Return how many steps each of a metric's first samples stands for; NaN if none are told.

    It is to be asked when the first cells of the digest are there, and remembered.
    """
    steps = block.lane.steps[int(digest.first_rows[0]) : int(digest.rows[0]) + 1]
    told = finite(steps)
    return max(1.0, float(told[-1] - told[0]) / (digest.cell - 1)) if len(told) > 1 else np.nan


def width_of(apart: float) -> int:
    """Return the cells of a window of samples that are so many steps apart.

    >>> width_of(1.0), width_of(10.0), width_of(np.nan)
    (4, 1, 1)
    """
    return CELLS if apart < CELLS else 1


def windows(digest: Digest, row: int, width: int = 1) -> Windows:
    """Return the windows that are complete at `row` or later.

    >>> rows = np.arange(7, 40, 8, dtype=np.int32)
    >>> from trainmon.digest_buffers import digest_of
    >>> digest = digest_of(np.arange(40, dtype=np.int32), np.zeros(40))
    >>> windows(digest, 16, width=2).first.tolist()
    [2]
    """
    if not completes(digest, row, width):
        return Windows(digest, width, _NONE)
    left_out = digest.count - len(digest)
    ends = -(-(digest.since(row) + left_out + 1) // width) * width - left_out
    return Windows(digest, width, np.arange(ends - width, len(digest) - width + 1, width))


_NONE: Places = np.empty(0, np.intp)


def completes(digest: Digest, row: int, width: int) -> bool:
    """Return whether a window is complete at `row` or later, which in a live log is rarely so."""
    rows = digest.rows
    count = len(rows)
    if not count or rows.item(-1) < row:
        return False
    new = 1 if count == 1 or rows.item(-2) < row else count - digest.since(row)
    return digest.count // width > (digest.count - new) // width


@dataclass(frozen=True, slots=True)
class Lasting:
    """How the last windows were, and the finding if one is open."""

    bad: int = 0
    """Windows in a row that were bad at all."""
    worse: int = 0
    """Windows in a row that speak for a warning."""
    calm: int = 0
    severity: Severity | None = None
    onset: int = 0
    """The row at which the trouble began."""
    age: int = 0
    """Windows since the finding opened."""
    tell_at: int = 0
    """The age at which it is told again."""

    def anew(self) -> "Lasting":
        """Return what is kept at a new baseline: that a finding is open."""
        return Lasting(severity=self.severity, onset=self.onset, tell_at=self.tell_at)

    def is_still(self, levels: Levels | Flags) -> bool:
        """Return whether some windows change nothing: all is well and was before."""
        return not self.bad and self.severity is None and not levels.any()


WELL = Lasting()
"""Nothing was bad so far."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a finding at one window."""

    place: int
    """Of the window, among those that were judged."""
    row: int
    onset: int
    kind: EventKind
    severity: Severity

    def event(self, title: str, metric: str | None, evidence: Evidence) -> Event:
        """Return the event, told in words and numbers."""
        told = known(evidence)
        return Event(self.kind, self.row, self.onset, self.severity, title, metric, told)


def follow(
    state: Lasting,
    every: Windows,
    levels: Levels,
    calm: Flags,
    needed: int,
    to_warn: int | None = None,
) -> tuple[Lasting, list[Turn]]:
    """Return the state after some windows, and what became of the finding in them.

    It takes `needed` bad windows in a row to open and as many calm ones to clear; `to_warn` of them
    are enough for a warning, where that is another number.
    """
    to_warn = to_warn or needed
    bad, worse, quiet = state.bad, state.worse, state.calm
    severity, onset, age, tell_at = state.severity, state.onset, state.age, state.tell_at
    found = list[Turn]()
    for place, (level, is_calm) in enumerate(zip(levels.tolist(), calm.tolist(), strict=True)):
        bad, worse = bad + 1 if level > 0 else 0, worse + 1 if level > 1 else 0
        quiet = quiet + 1 if is_calm else 0
        age += 1
        if severity is None:
            if bad < needed and worse < to_warn:
                continue
            kind, onset = EventKind.OPENED, every.rows(place - bad + 1)[0]
            age, tell_at = 0, 2 * needed
            severity = Severity.WARNING if worse >= to_warn else Severity.INFO
        elif quiet >= needed:
            kind = EventKind.CLEARED
        elif severity == Severity.INFO and worse >= to_warn:
            kind, severity = EventKind.WORSENED, Severity.WARNING
        elif age >= tell_at:
            kind, tell_at = EventKind.REPEATED, int(tell_at * _TELLING)
        else:
            continue
        found.append(Turn(place, every.rows(place)[1], onset, kind, severity))
        severity = None if kind == EventKind.CLEARED else severity
    return Lasting(bad, worse, quiet, severity, onset, age, tell_at), found
