"""The training loss is far above the best it had, and stays there.

Looks for
---------
A training loss whose level (the median of the last 48 samples) has left its best one for good, or
rises check after check.

Why it matters
--------------
What was learned is lost, and what follows mostly stays lost: the optimizer's state is that of a run
that blew up. Every further hour is wasted, and the last good checkpoint gets older.

Fires when
----------
The level is 1.3 times the best one, more than noise makes of it, and a tenth of what was learned
is given back, over 48 samples; or it rises in ten checks in a row, each of 48 samples, by a
tenth in all. It is an error when the level is also 1.3 times the chance level, which a model that
ignores its inputs has, or above the loss at the start. Losses that reach 0 or below are judged by
differences: three tenths of what was learned are to be given back. In logs of few records, and
where each record is an epoch, the records themselves decide: three in a row above all of the eight
before, by half of their median and by five times their range; or, once the loss had halved, three
in a row above three times all there ever was, or five above 1.3 times its start. The onset is where
the loss left its old level, so a divergence that began at a spike has its onset there.

Stays quiet
-----------
Until a learning rate that rises has risen; at restarts of its schedule, from which on a new best is
looked for; in reinforcement learning, where the return tells how well it goes; on losses near 0,
where factors mean nothing; on averages that climb from a low first value; where evaluations get
better all the same.

What to do
----------
Go back to the last checkpoint before the onset. Lower the learning rate to a third, lengthen the
warm-up, clip gradients near the 90th percentile of their norms. Look at the batches of the onset if
a spike began it.

Sources
-------
Zhang et al., OPT (2022), and the chronicles of BLOOM's training (2022): a jump and a slow rise are
how runs of 100 billion parameters diverged; both went back to a checkpoint with a lower rate.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("loss-divergence")
>>> event = replay(rule, rule.fires())[0].event
>>> event.onset, event.severity.word, round(event.evidence["value"])
(300, 'error', 4)
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import in_a_row, levels, onset_above
from trainmon.courses.rising_levels import Checks
from trainmon.courses.short_rises import Rise, rise_ends
from trainmon.digests import Digest
from trainmon.losses.above_best import FarAbove, NewCells, Reached
from trainmon.losses.divergence import Open, Telling
from trainmon.losses.excuses import Excuse, Excuses
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block, Event, Need, Rule
from trainmon.store.batch import Floats, Record, Rows
from trainmon.threshold import threshold, thresholds

LEVEL = 6
"""Cells of 8 samples of a level: 48 samples, as few as a batch loss has a level in."""

FIRST = 128
"""Samples that are looked at one by one: a log of so few would be over before levels tell."""


class Watch(NamedTuple):
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

    @property
    def reached(self) -> Reached:
        """How far the loss has come."""
        return Reached(self.start, self.first, self.best, self.best_row)


_FEW = 16
"""Cells, as a live log brings them, for which numbers are quicker than arrays."""


@dataclass(frozen=True)
class LossDivergence(Rule[Watch]):
    """A training loss that has left its best level for good."""

    id = "loss-divergence"
    summary = "the training loss left its best level for good, or rises check after check"
    needs = (Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),)

    times_best: float = threshold(
        1.3, "times the best level: batches, data mixes and plateaus make 1.1 to 1.2"
    )
    given_back: float = threshold(
        0.1, "of what was learned: near 0 a loss doubles without a difference to anybody"
    )
    given_back_signed: float = threshold(
        0.3, "of what was learned, where the loss is 0 or below and factors mean nothing"
    )
    deviations: float = threshold(
        4.0,
        "standard deviations of a cell's median: the best of many levels lies about 1.3 below the "
        "course, and a level strays as far above it",
    )
    times_start: float = threshold(
        3.0, "times the first loss, which is one sample and not a level: for runs lost at once"
    )
    deviations_of_one: float = threshold(
        15.0, "standard deviations of a cell's median, likewise: a sample has two to three of them"
    )
    at_once: float = threshold(
        3.0, "times the first loss: worse is told without waiting for the next evaluation"
    )
    smoothed: float = threshold(
        2.0, "times as much where the log is an average: neighbouring cells are alike then"
    )
    settling: int = threshold(
        32, "cells of 8 samples in which an average still climbs from its first value: 256 samples"
    )
    beyond: float = threshold(
        10.0, "times the first level: further than an average climbs that began with a low batch"
    )
    times_chance: float = threshold(
        1.3, "times the chance level: worse than a model that ignores its inputs"
    )
    confirmations: int = threshold(
        6, "cells of 8 samples in a row: 48 samples that all stand above"
    )
    checks: int = threshold(10, "checks of 48 samples in a row: noise makes one of 40 million rise")
    grown: float = threshold(1.1, "times, over those checks: slower rises may be the data's")
    over: float = threshold(0.3, "of the rise: a level that fell back below this is over")
    retold: float = threshold(2.0, "times the rise that was told last")
    settled: float = threshold(
        1_000.0, "steps from which on a few records decide where nothing tells of a warm-up"
    )

    @cached_property
    def _far_above(self) -> FarAbove:
        return thresholds(FarAbove, self)

    @cached_property
    def _excuses(self) -> Excuses:
        return thresholds(Excuses, self)

    @cached_property
    def _telling(self) -> Telling:
        return thresholds(Telling, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the train loss, whose first records count one by one."""
        return (context.train_loss,) if context.train_loss else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss, and the learning rate, which may explain a rise."""
        return [name for name in (context.train_loss, context.learning_rate) if name]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Look at the first records one by one, and at the cells of all."""
        name = context.train_loss
        same = state.metric == name and state.baseline_row == context.baseline_row
        if same and state.samples >= FIRST and block.digest(name).count == state.checks.cells:
            return state, []  # as at most records of a live log
        if name is None or context.names(Role.RETURN):
            return state, []
        events = list[Event]()
        if not same:
            rows = block.samples(name).rows
            if not len(rows):
                return state, []
            if state.open:
                events.append(state.open.cleared(int(rows[0]), state.metric, "began anew"))
            state = _anew(state, context)
        if state.samples < FIRST or context.epoch_records:
            state, found = self._over_records(state, context, block)
            events += found
        state, found = self._over_cells(state, context, block, block.stop)
        return state, events + found

    def _over_records(
        self, state: Watch, context: Context, block: Block
    ) -> tuple[Watch, list[Event]]:
        """Judge the records that may be the end of a rise, while there are few."""
        events, name = list[Event](), str(state.metric)
        new = block.samples(name).rows
        new = new if context.epoch_records else new[: FIRST - state.samples]
        if not len(new):
            return state, events
        samples = block.before(name, LOOKBACK + len(new), int(new[-1]) + 1)
        finite = np.isfinite(samples.values)
        rows, values = samples.rows[finite], samples.values[finite]
        if state.start == inf and len(values):
            start = float(values[0])
            best = start if start > 0 else inf
            state = state._replace(start=start, best=best, best_row=int(rows[0]))
        ends = rise_ends(values)
        for at in range(int(np.searchsorted(rows, new[0])), len(rows)):
            if not ends[at] and not (state.open and state.open.by_records):
                continue
            state, found = self._over_cells(state, context, block, int(rows[at]) - 1)
            upto = slice(0, at + 1)
            state, event = self._after_record(state, context, block, rows[upto], values[upto])
            events += [*found, event] if event else found
        state, found = self._over_cells(state, context, block, int(new[-1]))
        return state._replace(samples=state.samples + len(new)), events + found

    def _after_record(
        self, state: Watch, context: Context, block: Block, rows: Rows, values: Floats
    ) -> tuple[Watch, Event | None]:
        """Judge the last of some records by those before it."""
        row = int(rows[-1])
        if state.open:
            over = state.open.by_records and values[-2:].max() <= state.open.limit
            event = state.open.cleared(row, state.metric, "is back") if over else None
            return state._replace(open=None if over else state.open), event
        rise = self._excuses.rise_of_records(context, block, rows, values, state.start)
        if rise is None:
            return state, None
        return self._opened(state, context, block, row, rise, by_records=True)

    def _over_cells(
        self, state: Watch, context: Context, block: Block, row: int
    ) -> tuple[Watch, list[Event]]:
        """Judge the new cells up to a row: all at once where nothing is the matter."""
        digest = block.digest(state.metric).upto(row)
        begin = len(digest) - (digest.count - state.checks.cells)
        if begin >= len(digest) or context.epoch_records:
            return state, []
        found = levels(digest.median, begin, LEVEL)
        first = state.first if isfinite(state.first) else float(digest.median[0])
        checks, grown = state.checks.after(found, LEVEL, self.checks, self.grown)
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

    def _after_calm(self, state: Watch, digest: Digest, begin: int, found: Floats) -> Watch | None:
        """Return the state after a few calm cells, as most are in a live log; else None."""
        few = len(found) <= _FEW
        if not few or state.open or state.signed or not (digest.low[begin:] > 0).all():
            return None
        reached = self._far_above.after_calm(state.reached, found, digest.rows[begin:])
        if reached is None:
            return None
        if reached.best < state.best:
            return state._replace(best=reached.best, best_row=reached.best_row, above=0)
        return state._replace(above=0) if state.above else state

    def _searched(
        self, state: Watch, context: Context, block: Block, new: NewCells, at: int
    ) -> tuple[Watch, int, Event | None]:
        """Go on from a cell to the first one at which a divergence is sure, if there is one."""
        high = self._far_above.stand_high(state.reached, new, at, context)
        above = in_a_row(high, state.above)
        sure = np.flatnonzero((above >= self.confirmations) | (high & new.has_grown(at)))
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
        self, state: Watch, context: Context, block: Block, new: NewCells, place: int
    ) -> tuple[Watch, Event | None]:
        """Return what is decided where a level has left the best one, unless that is explained."""
        level, row = new.levels.item(place), new.row(place)
        limit, name = self._telling.limit(state.best, level), str(state.metric)
        onset = onset_above(block, new.digest, new.begin + place, name, limit)
        rise = Rise(state.best, level, onset)
        excuse = self._excuses.of_level(context, block, row, state.reached, rise, new.digest)
        if excuse is not None:
            anew = excuse == Excuse.ANEW
            return state._replace(best=level, best_row=row) if anew else state, None
        return self._opened(state, context, block, row, rise, rising=new.grown.get(place, 0))

    def _followed(
        self, state: Watch, context: Context, block: Block, new: NewCells, at: int
    ) -> tuple[Watch, int, Event | None]:
        """Go on to the first cell at which an open divergence is over, or much worse."""
        now, end = state.open, len(new.levels)
        if now is None or (now.by_records and state.samples < FIRST):
            return state, end, None
        turn = now.turns(new.levels[at:], self.retold)
        if turn is None:
            return state, end, None
        place = at + turn
        level, row = new.levels.item(place), new.row(place)
        if level <= now.limit:
            event: Event | None = now.cleared(row, state.metric, "is back")
            state = state._replace(open=None, above=0)
        else:
            rise = Rise(now.best, level, now.onset)
            state, event = self._opened(state, context, block, row, rise)
        return state, place + 1, event

    def _opened(
        self,
        state: Watch,
        context: Context,
        block: Block,
        row: int,
        rise: Rise,
        *,
        by_records: bool = False,
        rising: int = 0,
    ) -> tuple[Watch, Event]:
        """Return the state with a divergence that is open, and the event that tells it."""
        first, name = state.first, str(state.metric)
        opened, event = self._telling.opened(
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

    @staticmethod
    def fires() -> list[Record]:
        """A loss that falls, jumps at step 300 and does not come back."""
        level = 0.5 + 2.5 * np.exp(-np.arange(600) / 100)
        level[300:] = 4.0
        loss = level * np.random.default_rng(0).lognormal(0, 0.1, 600)
        return [{"step": step, "train/loss": float(loss[step])} for step in range(600)]

    @staticmethod
    def quiet() -> list[Record]:
        """A loss that rises at each restart of its schedule, and falls below its best again."""
        place = np.arange(900) % 300 / 300
        rate = 0.05 * (1 + np.cos(np.pi * place)) + 1e-4
        level = 0.1 + 6 * rate + 2 * np.exp(-np.arange(900) / 150)
        loss = level * np.random.default_rng(1).lognormal(0, 0.1, 900)
        return [
            {"step": step, "train/loss": float(loss[step]), "lr": float(rate[step])}
            for step in range(900)
        ]


def _anew(state: Watch, context: Context) -> Watch:
    """Return the state at a new baseline: what was learned before still counts."""
    again = state.metric == context.train_loss and state.phase == context.phase
    first, start = (state.first, -inf) if again else (nan, inf)
    return Watch(context.train_loss, context.baseline_row, context.phase, 0, start, first)
