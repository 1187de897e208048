"""The first loss is far above what a model that ignores its inputs would have.

Looks for
---------
A run whose first losses are more than 3 times the chance level: ln C for C classes, the entropy of
the classes, ln V for a vocabulary, pi/2 for angles, the variance of a target.

Why it matters
--------------
A network begins as a guess, and a guess costs the chance level. One that begins far above it is
sure and wrong: its weights or its inputs are too large. It spends the first epochs on shrinking
them, saturates or kills units meanwhile, and often ends up worse or nowhere.

Fires when
----------
The median of the first 3 losses is above 3 times the chance level (of the first 8 for squared
errors, which single targets make large). It is over when the loss is near the chance level. Where
none is known, a perplexity of a million or more tells that the loss is counted by token and worse
than a guess among a million of them: that is the level then.

Stays quiet
-----------
Where the loss is not known to be one that has such a level: parts of a loss are logged beside it,
classes are weighted, a margin or an alignment is learned. Where no configuration names the loss it
is info. Where the loss is the sum over accumulated batches it is left to `accumulation-misreport`,
and where it may be the sum over the batch it is info and says so, until an evaluation proves that
it is none: each error costs ln 2 at least, so that a loss which divided by the batch is less than
its errors cost is a mean, and as high as it looks. Where the very first loss stands at the chance
level: the weights began well, and what follows is what the first updates made of them. On logs that
begin in the middle of a run, and after a resume.

What to do
----------
Look at the standard deviation of the first logits (`log.outputs(logits)`): it should be near 1 or
below. Normalise the inputs, use the initialisation that fits the activation, begin the last layer
near 0. For a regression, standardise the target.

Sources
-------
Karpathy, A Recipe for Training Neural Networks (2019): verify the loss at init.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("init-loss-high")
>>> replay(rule, rule.fires())[0].event.title
'train/loss begins at 22.8, which is 9.9 times ln 10'
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.digest import CELL, Digest
from trainmon.finite import finite
from trainmon.learning.cost_of_guessing import cost_of_guessing, has_no_level, is_named
from trainmon.losses.accumulation import ACCUMULATED, summed_over
from trainmon.losses.no_sum import is_no_sum
from trainmon.medians import median_of
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Evidence, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold


class Watch(NamedTuple):
    """The first losses, and what was said of them."""

    metric: str | None = None
    values: tuple[float, ...] = ()
    """The first losses."""
    settled: bool = False
    """Whether there was a chance level to compare with, or never will be."""
    limit: float = -inf
    """The level at which an open finding is over."""
    severity: Severity | None = None
    row: int = 0
    """Where it was opened, or the first losses were known."""
    onset: int = 0
    """Where the first loss stands."""
    cells: int = 0
    evidence: Evidence = MappingProxyType({})
    """What was said of an open finding that may be a sum over the batch; nothing of others."""


@dataclass(frozen=True)
class InitLossHigh(Rule[Watch]):
    """A first loss far above the chance level."""

    id = "init-loss-high"
    summary = "the first loss is far above that of a model that ignores its inputs"
    needs = (
        Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),
        Need(
            "what is predicted",
            (),
            'log = Writer("logs", config={"num_classes": 10, "loss": "cross-entropy"})',
            events=("evaluation", "inputs"),
            settings=("num_classes", "vocab_size", "chance_loss", "loss"),
        ),
    )
    hears = frozenset({"evaluation", "inputs", "outputs"})

    times: float = threshold(
        3.0, "times the chance level: usual initialisations begin at 1.0 to 1.5 times it"
    )
    times_unnamed: float = threshold(
        10.0, "the same where no configuration names the loss, which may have several parts"
    )
    first: int = threshold(3, "losses whose median is the first one")
    first_squared: int = threshold(
        8, "the same for squared errors, which single targets make large"
    )
    near: float = threshold(1.5, "times the chance level: the loss has come down to it")
    same: float = threshold(0.15, "of a factor: by how much a ratio that is one may be off")
    beginning: float = threshold(100.0, "steps: a log that begins later shows no first loss")
    patience: int = threshold(64, "cells of 8 losses: what is not known by then comes too late")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: cells and events are enough."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the train loss."""
        return (context.train_loss,) if context.train_loss else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Take the first losses, and compare them as soon as a chance level is known."""
        if state.settled and state.severity is None:
            return state, []
        name, digest = context.train_loss, block.digest(context.train_loss)
        if not digest.count:
            return state, []
        if not state.metric:
            state = self._started(name, context, block, digest)
        elif state.metric != name or context.baseline_row > state.row:
            return _left_behind(state, int(digest.rows[0]))
        events = list[Event]()
        for row in self._places(state, block, digest):
            if state.settled:
                break
            state, event = self._compared(state, context, block, row)
            events += [event] if event else []
        if state.severity is not None:
            first = max(digest.since(state.row + 1), len(digest) - digest.count + state.cells)
            near = np.flatnonzero(digest.median[first:] <= state.limit)
            if state.evidence:
                until = first + int(near[0]) if len(near) else len(digest)
                state, event = self._no_sum(state, context, block, digest, range(first, until))
                events += [event] if event else []
            if len(near):
                row = int(digest.rows[first + near[0]])
                events.append(_cleared(state, row, "has come down to the chance level"))
                state = state._replace(severity=None)
        late = digest.count >= self.patience
        return state._replace(cells=digest.count, settled=state.settled or late), events

    def _started(self, name: str | None, context: Context, block: Block, digest: Digest) -> Watch:
        """Return the state with the first losses, if the log shows the beginning of the run."""
        row, begin = int(digest.rows[0]), int(digest.first_rows[0])
        samples = block.before(name, CELL, row + 1).values
        values = finite(samples).tolist()
        resumed = context.header.get("attempt") or block.lane.samples(name).rows[0] < begin
        late = block.steps[begin] > self.beginning or block.epochs[begin] > 1
        settled = bool(resumed or late or len(values) < CELL or context.epoch_records)
        return Watch(name, tuple(values), settled, row=row, onset=begin)

    def _places(self, state: Watch, block: Block, digest: Digest) -> list[int]:
        """Return the rows of the block at which more may be known, early in the run."""
        if state.settled:
            return []
        missing = digest.count - len(digest)
        rows = digest.rows[state.cells - missing :].tolist()
        rows += [event.row for event in block.events if event.kind in self.hears]
        cells = {row: missing + digest.since(row + 1) for row in rows}
        return sorted(row for row in cells if 0 < cells[row] <= self.patience)

    def _compared(
        self, state: Watch, context: Context, block: Block, row: int
    ) -> tuple[Watch, Event | None]:
        """Return the state after a look at the chance levels that are known at a row."""
        chance = cost_of_guessing(context, block, row)
        if chance is None:
            return state, None
        state = state._replace(settled=True)
        count = self.first_squared if "variance" in chance.words else self.first
        first = median_of(state.values[:count])
        ratio = first / chance.loss
        summed = summed_over(context, ratio, self.same)
        if ratio <= self.times or summed == ACCUMULATED or has_no_level(context):
            return state, None
        if count == self.first and self._begins_at(state.values[0], chance.loss):
            return state, None
        unnamed = not is_named(context) and ratio <= self.times_unnamed
        severity = Severity.INFO if summed or unnamed else Severity.WARNING
        title = f"{state.metric} begins at {first:.3g}, which is {ratio:.2g} times {chance.words}"
        evidence = {"first": first, "baseline": chance.loss, "ratio": ratio, "level": chance.words}
        if summed:
            title += f": it may be summed over {summed}"
            evidence["summed_over"] = summed
        state = state._replace(severity=severity, row=row, limit=self.near * chance.loss)
        if summed and not unnamed:
            state = state._replace(evidence=MappingProxyType(evidence))
        event = Event(EventKind.OPENED, row, state.onset, severity, title, state.metric, evidence)
        return state, event

    def _begins_at(self, loss: float, chance: float) -> bool:
        """Return whether the first loss is that of a guess: neither above nor by luck below."""
        return chance / self.near <= loss <= self.near * chance

    def _no_sum(
        self, state: Watch, context: Context, block: Block, digest: Digest, places: range
    ) -> tuple[Watch, Event | None]:
        """Return what is told where an evaluation proves that the loss is no sum over the batch."""
        ratio = float(state.evidence["ratio"])
        for place in places:
            row, level = int(digest.rows[place]), float(digest.median[place])
            if not is_no_sum(context, block, row, level, ratio):
                continue
            evidence = {**state.evidence, "summed_over": "nothing"}
            kind, severity, words = EventKind.WORSENED, Severity.WARNING, evidence["level"]
            title = (
                f"{state.metric} begins at {evidence['first']:.3g}, which is {ratio:.2g} times "
                f"{words}, and is no sum over the batch"
            )
            event = Event(kind, row, state.onset, severity, title, state.metric, evidence)
            return state._replace(severity=severity, evidence=MappingProxyType({})), event
        return state, None

    @staticmethod
    def fires() -> list[Record]:
        """A classifier of ten classes whose first logits are huge."""
        loss = 2.3 + 22.7 * np.exp(-np.arange(40) / 10)
        header: Record = {"trainmon": 1, "config": {"num_classes": 10, "loss": "cross-entropy"}}
        return [header, *({"step": s, "train/loss": float(loss[s])} for s in range(40))]

    @staticmethod
    def quiet() -> list[Record]:
        """The same loss of another task, whose parts are logged."""
        header: Record = {"trainmon": 1, "config": {"num_classes": 10, "loss": "cross-entropy"}}
        parts = {"train/loss/box": 20.0, "train/loss/class": 2.3}
        return [header, *({"step": s, "train/loss": 22.3, **parts} for s in range(40))]


def _left_behind(state: Watch, row: int) -> tuple[Watch, list[Event]]:
    """Return the state after a resume, or where another loss is judged: nothing stays open."""
    if state.severity is None:
        return state._replace(settled=True), []
    return state._replace(settled=True, severity=None), [_cleared(state, row, "began anew")]


def _cleared(state: Watch, row: int, how: str) -> Event:
    severity = state.severity or Severity.INFO
    return Event(
        EventKind.CLEARED, row, state.onset, severity, f"{state.metric} {how}", state.metric
    )
