"""Which levels of a loss stand far above the best one before them, beyond what noise makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.cells import noise_before, strays_before
from trainmon.digest import Digest
from trainmon.store.batch import Floats, Rows

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class NewCells:
    """Cells of a loss that are new, and the level at each of them."""

    digest: Digest
    begin: int
    """The index of the first one in the digest."""
    levels: Floats
    signed: Flags
    """At which of them the loss had been 0 or below, where factors mean nothing."""
    grown: Mapping[int, int]
    """In how many checks in a row the level had risen, where it did in enough."""

    def row(self, place: int) -> int:
        """Return the row at which one of them is complete."""
        return int(self.digest.rows[self.begin + place])

    def has_grown(self, at: int) -> Flags:
        """Return at which of them, from one on, the level had risen in enough checks."""
        found = np.zeros(len(self.levels) - at, np.bool_)
        found[[place - at for place in self.grown if place >= at]] = True
        return found

    def lowest(self, at: int, end: int) -> tuple[float, int]:
        """Return the lowest of some levels, and where it is first; infinity if there is none."""
        low = float(np.fmin.reduce(self.levels[at:end], initial=inf))
        if low == inf:
            return inf, at
        return low, at + int(np.flatnonzero(self.levels[at:] == low)[0])


class Reached(NamedTuple):
    """How far a loss has come."""

    start: float
    """The first loss of the run, which is one sample and not a level."""
    first: float
    """The level of the first cell."""
    best: float
    """The best level, or the start where it is lower than any."""
    best_row: int


@dataclass(frozen=True, slots=True)
class FarAbove:
    """What counts as far above the best level."""

    times_best: float
    times_start: float
    """Times the first loss, where no level is better yet."""
    given_back: float
    """Share of what was learned."""
    given_back_signed: float
    """The same, and all that counts, where the loss has been 0 or below."""
    given_back_slowly: float
    """The same, of a level that has risen check after check."""
    deviations: float
    """Standard deviations of a cell's median."""
    deviations_of_one: float
    """The same, above the first loss."""
    smoothed: float
    """Times as many where the log is an average."""

    def stand_high(self, reached: Reached, new: NewCells, at: int, context: Context) -> Flags:
        """Return which levels from a place on are a trouble: high, or grown, behind the warm-up."""
        best = np.fmin.accumulate(np.concatenate(((reached.best,), new.levels[at:])))[:-1]
        high = self._are_high(reached, new, at, best) & ~np.isnan(new.levels[at:])
        if context.learning_row is None:
            high[:] = False
        elif high.any():
            high &= new.digest.first_rows[new.begin + at :] >= context.learning_row
            self._without_noise(reached, new, at, best, high, smoothed=context.smoothed)
        return high

    def after_calm(self, reached: Reached, levels: Floats, rows: Rows) -> Reached | None:
        """Return how far a loss has come with a few more levels, if none is high; else None.

        `rows` are those at which their cells are complete.
        """
        best, at = reached.best, -1
        for place, level in enumerate(levels.tolist()):
            if level < best:
                best, at = level, place
            elif not level <= self.times_best * best:
                return None
        return reached._replace(best=best, best_row=rows.item(at)) if at >= 0 else reached

    def _are_high(self, reached: Reached, new: NewCells, at: int, best: Floats) -> Flags:
        """Return which levels from a place on stand far above the best before them, or rose."""
        learned = np.fmax(reached.first - best, 0.0)
        times = np.where(best == reached.start, self.times_start, self.times_best)
        bound = np.fmax(times * best, best + self.given_back * learned)
        signed = best + self.given_back_signed * learned
        high = new.levels[at:] > np.where(new.signed[at:], signed, bound)
        if new.grown:
            high |= new.has_grown(at) & (new.levels[at:] > best + self.given_back_slowly * learned)
        return high

    def _without_noise(
        self,
        reached: Reached,
        new: NewCells,
        at: int,
        best: Floats,
        high: Flags,
        *,
        smoothed: bool,
    ) -> None:
        """Take back what noise makes of the levels that stand high."""
        far = np.flatnonzero(high)
        signed, level, best = new.signed[at + far], new.levels[at + far], best[far]
        medians, cells, count = new.digest.median, new.begin + at + far, new.digest.count
        logs = np.log(medians)
        noise = noise_before(logs, cells, count)
        if signed.any():
            noise = np.where(signed, noise_before(medians, cells, count), noise)
        for place, lowest in enumerate(best.tolist()):
            at_best = _best_cell(reached, new, lowest)
            course = medians if signed[place] else logs
            strayed = strays_before(course, at_best, int(cells[place]))
            noise[place] = max(noise[place], strayed) if strayed else noise[place]
        noise *= np.where(best == reached.start, self.deviations_of_one, self.deviations)
        noise *= self.smoothed if smoothed else 1.0
        high[far] = np.where(signed, level - best, np.log(level / best)) > noise


def _best_cell(reached: Reached, new: NewCells, best: float) -> int:
    """Return the index of the cell that had the best level, before the new ones or of them."""
    if best == reached.best:
        return new.digest.since(reached.best_row + 1) - 1
    return new.begin + int(np.flatnonzero(new.levels == best)[0])
