"""A metric is the same to the last bit, evaluation after evaluation.

Looks for
---------
A validation loss, a metric that never moved, or a training loss that is bit-equal again and again.

Why it matters
--------------
Weights that move change a loss in its sixth digit at least. One that does not change at all is not
measured on the model that is trained: the optimizer holds other parameters, everything is frozen,
the evaluation loads an old checkpoint, the learning rate is 0, or the number is not what it seems.
A metric that never moves while the loss does is the answer of a model that says one thing always,
or of a wrong label index or subset.

Fires when
----------
- The validation loss is bit-equal in 3 evaluations in a row (8 if it is logged with fewer than five
  digits, and then only if it never had another value). An error from the fifth.
- A metric of which more or less is better never had another value but in its first evaluation, for
  3 evaluations since the run had time to begin, or 6 in all, while the training loss moves.
- The training loss is bit-equal in all of the first 16 records: an error. A loss of 0 is only info
  where a validation loss below 0.001, a gradient norm below 0.01 or a share of 0.9 tells that it
  may be a small one that was rounded; so is a validation loss of 0 beside such a share.

Stays quiet
-----------
On metrics at 0 (`metric-zero` tells those), at .9 and above, or negative. At the end of a schedule,
where the learning rate is next to nothing. It is only info where evaluations count so few examples
that nothing need change, or where the validation loss falls or a metric has been learned meanwhile:
a class that is rare is not predicted for a while; so it is where a loss comes to stand once the
training loss is at next to nothing, which moves no weight any more. A mean error that comes again
while the validation loss of the same evaluations moves is one of few steps, as that of whole ranks.

What to do
----------
Compare a checksum of the weights before and after a step, and that of the evaluated model. Look at
the predictions themselves: are they one class? Is it the right index, the right split?

Sources
-------
Field reports; the writer's checks for parameters that the optimizer does not hold.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("frozen-metric")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title
('warning', 'val/loss is exactly 0.69315 in 3 evaluations while train/loss moves')
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.learning.cost_of_guessing import BEYOND_ALL, is_perplexity
from trainmon.learning.equal_runs import EqualRun, equal_runs
from trainmon.learning.frozen_losses import FrozenLosses
from trainmon.learning.frozen_scores import FrozenScores
from trainmon.learning.frozen_words import evidence_of, title_of
from trainmon.learning.never_moved import NeverMoved, Train
from trainmon.once import once
from trainmon.roles import Direction, Role
from trainmon.roles.name import parsed
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True, slots=True)
class Watch:
    """The runs of equal values by metric, and the finding that is open."""

    baseline_row: int = -1
    runs: Mapping[str, EqualRun] = field(default_factory=dict)
    metric: str | None = None
    streak: Streak = field(default_factory=Streak)
    train: Train = field(default_factory=Train)


@dataclass(frozen=True)
class FrozenMetric(Rule[Watch]):
    """Bit-equal values in a row."""

    id = "frozen-metric"
    summary = "a validation loss, a metric or the training loss is the same to the last bit"
    needs = (
        Need(
            "val/loss",
            (Role.VAL_LOSS, Role.VAL_METRIC, Role.TRAIN_LOSS),
            'log.log({"val/loss": val_loss}, step=step)  # after each evaluation',
        ),
    )

    confirm: int = threshold(3, "evaluations in a row: rounding makes two equal now and then")
    confirm_rounded: int = threshold(8, "of a loss with fewer than five digits")
    digits: int = threshold(5, "of a loss that no two models share by accident")
    wasted: int = threshold(5, "evaluations of a frozen loss: nothing moves, it is an error")
    long: int = threshold(6, "evaluations of a metric that never moved, at any time")
    least: float = threshold(0.03, "of a score: a few lucky hits of a slow start may be equal")
    good: float = threshold(0.9, "a share at or above it is as good as it gets for many a model")
    few: int = threshold(100, "examples: of so few none need change sides for a while")
    cells: int = threshold(2, "of 8 records of a training loss that never moved")
    tiny: float = threshold(1e-3, "of a validation loss: four decimals show hardly more than 0")
    gentle: float = threshold(1e-2, "of a gradient norm: that of a task that is learned")
    falls: float = threshold(0.1, "of the validation loss: it falls by this much meanwhile")
    tail: float = threshold(0.01, "of its peak: below it a learning rate may change no bit")
    solved: float = threshold(1e-4, "of the first training loss: below it no gradient is left")
    near_end: float = threshold(0.8, "of the plan: from here on that is as it should be")

    @cached_property
    def _never_moved(self) -> NeverMoved:
        return thresholds(NeverMoved, self)

    @cached_property
    def _losses(self) -> FrozenLosses:
        return thresholds(FrozenLosses, self)

    @cached_property
    def _scores(self) -> FrozenScores:
        return thresholds(FrozenScores, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics of evaluations that are better one way."""
        return _judged(context)

    def paced(self, context: Context) -> Collection[str]:
        """Return the training loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Look for runs of equal values, in all metrics at once, and judge the few there are."""
        samples = {name: found for name in _judged(context) if len(found := block.samples(name))}
        events = list[Event]()
        if state.baseline_row != context.baseline_row:
            first = min((int(found.rows[0]) for found in samples.values()), default=None)
            if first is not None:
                _, events = state.streak.over(first, "the run began anew", state.metric)
                train = state.train
                state = Watch(context.baseline_row, train=train)
        train, told = self._never_moved.follow(state.train, context, block)
        events += told
        if train is not state.train:
            state = replace(state, train=train)
        if not samples:
            return state, events
        runs, moments = dict(state.runs), dict[int, dict[str, EqualRun]]()
        for name, found in samples.items():
            rows, runs[name] = equal_runs(found, runs.get(name, EqualRun()), self.confirm)
            for row, run in rows:
                moments.setdefault(row, {})[name] = run
        for row in sorted(moments):
            state, told = self._judge(state, context, block, row, moments[row])
            events += told
        return replace(state, runs=runs), sorted(events, key=lambda event: event.row)

    def _judge(
        self,
        state: Watch,
        context: Context,
        block: Block,
        row: int,
        runs: Mapping[str, EqualRun],
    ) -> tuple[Watch, list[Event]]:
        """Judge the metrics that are frozen at a row; one finding stands for all of them."""
        events = list[Event]()
        lead = state.metric
        if lead is not None and lead in runs and runs[lead].count < self.confirm:
            title = f"{lead} moves: it is {runs[lead].value:.5g}"
            streak, events = state.streak.over(row, title, lead)
            state = replace(state, metric=None, streak=streak)
        for name in _judged(context):
            if name not in runs or state.metric not in (None, name):
                continue
            run = runs[name]
            severity = self._severity(context, block, row, name, run)
            if severity is not None:
                also = [other for other, it in runs.items() if it.count >= self.confirm]
                evidence = evidence_of(context, block, row, run, [it for it in also if it != name])
                streak = replace(state.streak, count=run.count, onset=run.since)
                title = title_of(context, name, run, evidence, few=severity == Severity.INFO)
                streak, told = streak.tell(row, severity, title, name, evidence)
                return replace(state, metric=name, streak=streak), events + told
        return state, events

    def _severity(
        self, context: Context, block: Block, row: int, name: str, run: EqualRun
    ) -> Severity | None:
        """Return how bad it is that a metric stands; None if that says nothing."""
        if run.count < self.confirm or (is_perplexity(name) and run.value >= BEYOND_ALL):
            return None  # as far as a perplexity is let go
        if context.role(name).role == Role.VAL_LOSS or _is_continuous(name):
            return self._losses.severity(context, block, row, name, run)
        return self._scores.severity(context, block, row, name, run)

    @staticmethod
    def fires() -> list[Record]:
        """A validation loss that stands while the training loss has its noise."""
        noise = np.random.default_rng(0).normal(0.7, 0.02, 300)
        records: list[Record] = []
        for step, loss in enumerate(noise.tolist(), 1):
            records.append({"step": step, "train/loss": loss})
            if step % 50 == 0:
                records.append({"step": step, "val/loss": 0.69314718, "val/accuracy": 0.4365})
        return records

    @staticmethod
    def quiet() -> list[Record]:
        """A metric that is perfect for most of the run, and a loss that moves in its last digit."""
        records: list[Record] = []
        for epoch in range(20):
            accuracy = min(1.0, 0.7 + 0.1 * epoch)
            loss = 0.1 + 0.5**epoch
            place = {"step": 100 * (epoch + 1), "epoch": epoch + 1}
            records.append(place | {"train/loss": loss, "val/loss": loss, "val/acc": accuracy})
        return records


_CONTINUOUS = frozenset({"mae", "mse", "rmse", "nll", "perplexity", "ppl", "psnr", "ssim"})
"""Metrics that no two models share, as losses."""


@once
def _judged(context: Context) -> tuple[str, ...]:
    """Return the metrics that are judged, the validation loss first, then the monitored one."""
    names = [context.val_loss] if context.val_loss else []
    names += [context.monitored[0]] if context.monitored else []
    names += [
        name
        for name in context.names(Role.VAL_METRIC)
        if context.role(name).direction != Direction.UNKNOWN
    ]
    return tuple(dict.fromkeys(names))


def _is_continuous(name: str) -> bool:
    return parsed(name).word in _CONTINUOUS
