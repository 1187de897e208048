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
The level is 1.3 times the best one, more than noise makes of it, and a tenth of what was learned is
given back, over 48 samples; or it rises in ten checks in a row, each of 48 samples, by a tenth in
all, and a hundredth of what was learned is given back. It is an error when the level is also 1.3
times the chance level, which a model that ignores its inputs has, or above the loss at the start.
Losses that reach 0 or below are judged by differences: three tenths of what was learned are to be
given back. In logs of few records, and where each record is an epoch, the records themselves
decide: three in a row above all of the eight before, by half of their median and by five times
their range; or, once the loss had halved, three in a row above three times all there ever was, or
five above 1.3 times its start; or five above three times the first ones, where it never got better.
Of losses below zero the ranges count alone, over eight records. From the first record on, before
any warm-up is over, a run is lost that was thrown far above its very first loss: five records in a
row at 10 times it and beyond their noise, two of the first 16 at 100 times it, though the run may
be back in no time (it is another one then), or an evaluation at 10 times it with all records since.
Evaluations decide as well, whose loss has next to no noise: three in a row at 1.3 times the best
one, while the records before each (16 at most) stand at 1.3 times those before the best, and above
all of these; or three in a row worse than the first evaluation, while the records stand above the
start: what gives back all that was learned needs no factor, as of tokens, of which a loss is 1.1
times its best when a tenth was all it had learned. The onset is where the loss left its old level,
so a divergence that began at a spike has its onset there.

Stays quiet
-----------
Until a learning rate that rises has risen, unless a loss that had halved is behind its start again,
or stands far above it, which no warm-up makes of it; on models that play against each other; at
restarts of its schedule, from which on a new best is looked for; in reinforcement learning, where
the return tells how well it goes; on losses near 0, where factors mean nothing; on averages that
climb from a low first value; where evaluations get better all the same, or, where these decide, any
metric of theirs is as good as before, or a part of the training loss is lower than it was: a model
that is lost is worse in all. Where a weight of a part is warmed up or goes in cycles, the total
rises for that: with its parts logged the best loss is taken again at the weights of now, and a loss
that is not 1.3 times that has lost nothing.

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
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np

from trainmon.context import Context
from trainmon.courses.records_above import rise_ends
from trainmon.losses.above_best import FarAbove
from trainmon.losses.divergence import Telling
from trainmon.losses.evaluated import Evaluations
from trainmon.losses.excuses import Excuses, thrown_up
from trainmon.losses.leaving import FIRST, Course, Leaving, Limits
from trainmon.losses.rival_losses import has_rivals
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block, Event, Need, Rule
from trainmon.store.batch import Floats, Record, Rows, Samples
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class LossDivergence(Rule[Course]):
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
    given_back_slowly: float = threshold(
        0.01, "of what was learned, check after check: decay of weights lifts a loss near 0 by less"
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
    def _leaving(self) -> Leaving:
        return Leaving(
            thresholds(Limits, self),
            thresholds(FarAbove, self),
            thresholds(Excuses, self),
            thresholds(Telling, self),
        )

    @cached_property
    def _evaluations(self) -> Evaluations:
        return thresholds(Evaluations, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the train loss, whose first records count one by one, and the evaluations'."""
        return [name for name in (context.train_loss, context.val_loss) if name]

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss, and the learning rate, which may explain a rise."""
        return [name for name in (context.train_loss, context.learning_rate) if name]

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Look at the first records one by one, and at the cells of all."""
        name = context.train_loss
        same = state.metric == name and state.baseline_row == context.baseline_row
        evaluations = block.samples(context.val_loss)
        quiet = same and not len(evaluations) and state.samples >= FIRST
        if quiet and block.digest(name).count == state.checks.cells:
            return state, []  # as at most records of a live log
        if name is None or has_rivals(context):
            return state, []
        events = list[Event]()
        if not same:
            rows = block.samples(name).rows
            if not len(rows):
                return state, []
            if state.open:
                events.append(state.open.cleared(int(rows[0]), state.metric, "began anew"))
            state = state.anew(context)
            (begin,) = evaluations.positions(int(rows[0]))
            evaluations = Samples(evaluations.rows[begin:], evaluations.values[begin:])
        for row, value in zip(evaluations.rows.tolist(), evaluations.values.tolist(), strict=True):
            state, found = self._over_losses(state, context, replace(block, stop=row + 1))
            block = replace(block, start=row + 1)
            state, event = self._after_evaluation(state, context, block, row, value)
            events += [*found, event] if event else found
        state, found = self._over_losses(state, context, block)
        return state, events + found

    def _over_losses(
        self, state: Course, context: Context, block: Block
    ) -> tuple[Course, list[Event]]:
        """Judge the records of a block one by one while there are few, and its cells."""
        events = list[Event]()
        if state.samples < FIRST or context.epoch_records:
            state, events = self._over_records(state, context, block)
        state, found = self._leaving.after(state, context, block, block.stop - 1)
        return state, events + found

    def _after_evaluation(
        self, state: Course, context: Context, block: Block, row: int, value: float
    ) -> tuple[Course, Event | None]:
        """Judge the training loss by an evaluation and those before it."""
        told = state.evaluated.after(value, row, self.times_best)
        state = state._replace(evaluated=told)
        if state.open:
            return state, None
        name, rise = str(state.metric), None
        if state.samples < FIRST and not state.thrown:
            rise = self._evaluations.thrown_up(context, block, name, state.start, value, row)
        state = state._replace(thrown=state.thrown or rise is not None)
        if rise is None and told.is_much_worse:
            rise = self._evaluations.rise(context, block, name, told, row)
        if rise is None:
            return state, None
        return self._leaving.opened(
            state, context, block, row, rise, by_records=context.epoch_records
        )

    def _over_records(
        self, state: Course, context: Context, block: Block
    ) -> tuple[Course, list[Event]]:
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
            state = state.began(float(values[0]), int(rows[0]))
        ends = rise_ends(values)
        for at in range(int(np.searchsorted(rows, new[0])), len(rows)):
            if not ends[at] and not (state.open and state.open.by_records):
                continue
            state, found = self._leaving.after(state, context, block, int(rows[at]) - 1)
            upto = slice(0, at + 1)
            state, event = self._after_record(state, context, block, rows[upto], values[upto])
            events += [*found, event] if event else found
        state, found = self._leaving.after(state, context, block, int(new[-1]))
        return state._replace(samples=state.samples + len(new)), events + found

    def _after_record(
        self, state: Course, context: Context, block: Block, rows: Rows, values: Floats
    ) -> tuple[Course, Event | None]:
        """Judge the last of some records by those before it."""
        row = int(rows[-1])
        if state.open:
            over = state.open.by_records and values[-2:].max() <= state.open.limit
            event = state.open.cleared(row, state.metric, "is back") if over else None
            return state._replace(open=None if over else state.open), event
        rise = None if state.thrown else thrown_up(context, rows, values, state.start)
        state = state._replace(thrown=state.thrown or rise is not None)
        if rise is None:
            rise = self._leaving.excuses.rise_of_records(context, block, rows, values, state.start)
        if rise is None:
            return state, None
        return self._leaving.opened(state, context, block, row, rise, by_records=True)

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
