"""Where a training loss leaves its best level for good, and whether it comes back.

A level is the median of some cells. Any number of cells is judged at once, and only what stands
far above the best level costs anything by itself.
"""

from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import in_a_row, levels, onset_above
from trainmon.courses.rising_levels import Checks
from trainmon.courses.short_rises import Rise
from trainmon.digest import Digest
from trainmon.losses.above_best import FarAbove, NewCells, Reached
from trainmon.losses.divergence import Open, Telling
from trainmon.losses.evaluated import Evaluated
from trainmon.losses.excuses import Excuse, Excuses
from trainmon.rule import Block, Event
from trainmon.store.batch import Floats

LEVEL = 6
"""Cells of 8 samples of a level: 48 samples, as few as a batch loss has a level in."""

_FEW = 16
"""Cells, as a live log brings them, for which numbers are quicker than arrays."""

FIRST = 128
"""Samples that are looked at one by one: a log of so few would be over before levels tell."""


class Course(NamedTuple):
    """The course of the loss so far."""

    metric: str | None = None
    baseline_row: int = 0
    phase: str = ""
    samples: int = 0
    """How many of the first records have been looked at."""
    start: float = inf
    """The first loss of a run."""
    first: float = nan
    """The level of the first cell of this phase."""
    checks: Checks = Checks()
    signed: bool = False
    """Whether the loss has been 0 or below."""
    best: float = inf
    best_row: int = 0
    above: int = 0
    """Cells in a row whose level stands far above the best."""
    open: Open | None = None
    evaluated: Evaluated = Evaluated()
    thrown: bool = False
    """Whether it was told that its first steps threw it up: they do so once."""

    @property
    def reached(self) -> Reached:
        """How far the loss has come."""
        return Reached(self.start, self.first, self.best, self.best_row)

    def anew(self, context: Context) -> "Course":
        """Return it at a new baseline: what was learned before still counts."""
        again = self.metric == context.train_loss and self.phase == context.phase
        first, start = (self.first, -inf) if again else (nan, inf)
        return Course(context.train_loss, context.baseline_row, context.phase, 0, start, first)

    def began(self, start: float, row: int) -> "Course":
        """Return it with the first loss of the run, the best one until there are levels."""
        best = start if start > 0 else inf
        return self._replace(start=start, best=best, best_row=row)


@dataclass(frozen=True, slots=True)
class Limits:
    """For how long a level stands high, or rises, until it has left the best one."""

    confirmations: int
    """Cells in a row that stand high."""
    checks: int
    """Checks in a row at which the level has risen."""
    grown: float
    """Times, over those checks."""
    retold: float
    """Times the rise that was told last."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The fold over the cells of a loss."""

    limits: Limits
    far_above: FarAbove
    excuses: Excuses
    telling: Telling

    def after(
        self, state: Course, context: Context, block: Block, row: int
    ) -> tuple[Course, list[Event]]:
        """Judge the new cells up to a row: all at once where nothing is the matter."""
        digest = block.digest(state.metric).upto(row)
        begin = len(digest) - (digest.count - state.checks.cells)
        if begin >= len(digest) or context.epoch_records:
            return state, []
        found = levels(digest.median, begin, LEVEL)
        first = state.first if isfinite(state.first) else float(digest.median[0])
        checks, grown = state.checks.after(found, LEVEL, self.limits.checks, self.limits.grown)
        state = state._replace(first=first, checks=checks)
        calm = None if grown else self._after_calm(state, digest, begin, found)
        if calm is not None:
            return calm, []
        signed = np.logical_or.accumulate(digest.low[begin:] <= 0) | state.signed
        new, events, at = NewCells(digest, begin, found, signed, grown), list[Event](), 0
        while at < len(found):
            follow = self._followed if state.open else self._searched
            state, at, event = follow(state, context, block, new, at)
            events += [event] if event else []
        return state._replace(signed=bool(signed[-1])), events

    def _after_calm(
        self, state: Course, digest: Digest, begin: int, found: Floats
    ) -> Course | None:
        """Return the state after a few calm cells, as most are in a live log; else None."""
        few = len(found) <= _FEW
        if not few or state.open or state.signed or not (digest.low[begin:] > 0).all():
            return None
        reached = self.far_above.after_calm(state.reached, found, digest.rows[begin:])
        if reached is None:
            return None
        if reached.best < state.best:
            return state._replace(best=reached.best, best_row=reached.best_row, above=0)
        return state._replace(above=0) if state.above else state

    def _searched(
        self, state: Course, context: Context, block: Block, new: NewCells, at: int
    ) -> tuple[Course, int, Event | None]:
        """Go on from a cell to the first one at which a divergence is sure, if there is one."""
        high = self.far_above.stand_high(state.reached, new, at, context)
        above = in_a_row(high, state.above)
        sure = np.flatnonzero((above >= self.limits.confirmations) | (high & new.has_grown(at)))
        end = at + int(sure[0]) if len(sure) else len(new.levels)
        lowest, place = new.lowest(at, end)
        if lowest < state.best:
            state = state._replace(best=lowest, best_row=new.row(place))
        if not len(sure):
            return state._replace(above=int(above[-1])), end, None
        state, event = self._decided(state, context, block, new, end)
        above_now = 0 if event or state.best_row == new.row(end) else int(above[end - at])
        return state._replace(above=above_now), end + 1, event

    def _decided(
        self, state: Course, context: Context, block: Block, new: NewCells, place: int
    ) -> tuple[Course, Event | None]:
        """Return what is decided where a level has left the best one, unless that is explained."""
        level, row = new.levels.item(place), new.row(place)
        limit, name = self.telling.limit(state.best, level, state.first), str(state.metric)
        onset = onset_above(block, new.digest, new.begin + place, name, limit)
        rise = Rise(state.best, level, onset)
        excuse = self.excuses.of_level(context, block, row, state.reached, rise, new.digest)
        if excuse is not None:
            anew = excuse == Excuse.ANEW
            return state._replace(best=level, best_row=row) if anew else state, None
        return self.opened(state, context, block, row, rise, rising=new.grown.get(place, 0))

    def _followed(
        self, state: Course, context: Context, block: Block, new: NewCells, at: int
    ) -> tuple[Course, int, Event | None]:
        """Go on to the first cell at which an open divergence is over, or much worse."""
        now, end = state.open, len(new.levels)
        if now is None or (now.by_records and state.samples < FIRST):
            return state, end, None
        turn = now.turns(new.levels[at:], self.limits.retold)
        if turn is None:
            return state, end, None
        place = at + turn
        level, row = new.levels.item(place), new.row(place)
        if level <= now.limit:
            event: Event | None = now.cleared(row, state.metric, "is back")
            state = state._replace(open=None, above=0)
        else:
            rise = Rise(now.best, level, now.onset)
            state, event = self.opened(state, context, block, row, rise)
        return state, place + 1, event

    def opened(
        self,
        state: Course,
        context: Context,
        block: Block,
        row: int,
        rise: Rise,
        *,
        by_records: bool = False,
        rising: int = 0,
    ) -> tuple[Course, Event]:
        """Return the state with a divergence that is open, and the event that tells it."""
        first, name = state.first, str(state.metric)
        if rise.best == state.start:
            first = state.start  # thrown up before there was a level
        opened, event = self.telling.opened(
            state.open,
            context,
            block,
            row,
            rise,
            first,
            name,
            by_records=by_records,
            rising=rising,
        )
        return state._replace(open=opened), event
