"""The training loss is off by the number of accumulated batches.

Looks for
---------
A training loss that is as many times the validation loss as batches are accumulated (or times the
ranks as well), from the first evaluations on; and first losses that are as many times a known
chance level.

Why it matters
--------------
The loss that is shown is not the one that is trained on. It looks like underfitting or a strong
regularisation, settings are changed for it, and runs with another accumulation cannot be compared.

Fires when
----------
The ratio of the training loss (the median of 50 samples before and behind an evaluation) to the
validation loss is 0.8 to 1.5 times A in the first evaluations, and stays there. Two evaluations do
for an A of 3 and more, and wherever the first losses of the run are A times the score of a model
that ignores its inputs. An A of 2, which strong dropout can imitate, takes four without such first
losses. The opposite, a loss divided once too often, counts only where both the first losses and the
evaluations tell it.

Stays quiet
-----------
Without accumulation in the configuration. Where the first losses stand at the chance level, where
the run was resumed, and with mixing augmentations: all of these take six evaluations of one ratio
while the losses fall. On ratios that drift: those of dropout and augmentation begin at one and grow
as the validation loss falls. It says nothing of whether a gap is overfitting.

What to do
----------
Log the mean over the accumulated batches: divide the sum by A, or multiply what was divided for
the backward pass by A before it is averaged. The training itself is as it was.

Sources
-------
Field report of a run that looked like underfitting, with a training loss 3.6 times the validation
loss and an accumulation of 3.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("accumulation-misreport")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["factor"], event.evidence["evaluations"]
('warning', 3.0, 2)
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from trainmon.context import Context
from trainmon.losses.accumulation import LEAST, Factor
from trainmon.losses.both import TRAIN_AND_VAL, evaluated, falling
from trainmon.losses.first import First, first_losses
from trainmon.losses.pairs import Pairs
from trainmon.losses.summed import Summed, candidates, holds
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True, slots=True)
class Course:
    """How the two losses have gone since the baseline."""

    losses: Pairs = field(default_factory=Pairs)
    skipped: int = 0
    """Evaluations at first that were higher than any factor says."""
    off: bool = False
    """Whether the ratio has drifted, and so is no constant factor."""
    factor: Factor | None = None
    """The one by which the loss is off, if the finding is open."""
    onset: int = 0
    """The row of the first training loss."""
    told: int = 0
    """Evaluations at the last event."""


@dataclass(frozen=True)
class AccumulationMisreport(Rule[Course]):
    """A training loss that is a sum over the accumulated batches."""

    id = "accumulation-misreport"
    summary = "the training loss is off by the number of accumulated batches; says the true one"
    needs = (
        *TRAIN_AND_VAL,
        Need("accum", (), 'log = Writer("logs/run", config={"accum": 4})', settings=("accum",)),
    )

    evaluations: int = threshold(2, "for an accumulation of 3 and more, or with first losses")
    few: int = threshold(4, "evaluations for an accumulation of 2, which dropout can imitate")
    many: int = threshold(6, "evaluations where something speaks against it")
    skipped: int = threshold(2, "evaluations that may be higher at first, while a loss falls fast")
    patience: int = threshold(4, "of them where the first losses are A times chance")
    spread: float = threshold(1.2, "between the largest ratio and the smallest of many")
    fall: float = threshold(0.9, "of the first validation loss: a ratio that holds meanwhile")
    first_least: float = threshold(0.9, "times A times chance: first losses that are summed")
    first_most: float = threshold(1.25, "likewise at most: untrained models score up to this")
    begins: float = threshold(1.5, "times chance: first losses from half of it to here are means")
    strayed: float = threshold(2.0, "times off its factor: the ratio holds no longer")

    @cached_property
    def _summed(self) -> Summed:
        return thresholds(Summed, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the validation loss; the training loss is looked up at evaluations."""
        return evaluated(context)

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Compare the losses, evaluation by evaluation."""
        events = list[Event]()
        if context.train_loss is None or context.accumulation < 2:
            return state, events
        same = state.losses.baseline_row == context.baseline_row
        if same and state.off and state.factor is None:
            return state, events
        every = state.losses.extended(context, block)
        if len(every) and not same:
            state = replace(state, skipped=0, off=False, told=1)
        for index in every.new_since(state.losses):
            state = replace(state, losses=every.upto(index))
            look = self._follow if state.factor else self._look
            state, event = look(state, context, block)
            events += [event] if event else []
            if state.off and state.factor is None:
                break
        return state, events

    def _look(self, state: Course, context: Context, block: Block) -> tuple[Course, Event | None]:
        """Take in an evaluation while nothing is found."""
        ratios = state.losses.ratio[state.skipped :]
        if len(ratios) < self.evaluations:
            return state, None
        first = _first_of(state.losses, context, block)
        every = candidates(context)
        constant = [factor for factor in every if holds(factor, ratios)]
        for factor in constant:
            losses, skipped = state.losses, state.skipped
            if len(ratios) >= self._summed.wanted(factor, first, losses, skipped, context):
                onset = _first_row(context, block)
                state = replace(state, factor=factor, onset=onset, told=len(ratios))
                return state, _event(EventKind.OPENED, state, context, first)
        if constant:
            return state, None
        # A training loss that is lower at first grows beside the other, and is no constant factor.
        summed = any(self._summed.begins_with(factor, first) for factor in every)
        skipped = state.skipped + 1
        off = skipped > (self.patience if summed else self.skipped)
        off |= not ratios[0] >= LEAST * context.accumulation and not summed
        return replace(state, skipped=skipped, off=off), None

    def _follow(self, state: Course, context: Context, block: Block) -> tuple[Course, Event | None]:
        """Take in an evaluation while the finding is open."""
        factor, losses = state.factor, state.losses
        if factor is None:
            return state, None
        off = losses.ratio[-self.evaluations :] / factor.times
        strays = ~((off >= 1 / self.strayed) & (off <= self.strayed))
        if len(strays) >= self.evaluations and strays.all():
            title = f"{context.train_loss} is no longer {factor.times:.3g} x {context.val_loss}"
            row, onset, name = int(losses.rows[-1]), state.onset, context.train_loss
            event = Event(EventKind.CLEARED, row, onset, Severity.WARNING, title, name)
            return replace(state, factor=None, off=True), event
        if strays.any() or losses.seen < 2 * state.told:
            return state, None
        state = replace(state, told=losses.seen)
        first = _first_of(losses, context, block)
        return state, _event(EventKind.REPEATED, state, context, first)

    @staticmethod
    def fires() -> list[Record]:
        """Three losses of a step summed, with dropout in training alone."""
        header: Record = {"trainmon": 1, "time": 1e9, "config": {"accum": 3, "dropout": 0.1}}
        return [header, *falling(400, 0.2, 80, train=lambda level: 3 * 1.2 * level)]

    @staticmethod
    def quiet() -> list[Record]:
        """Heavy dropout with the right accumulation: the ratio grows to A and past it."""
        header: Record = {"trainmon": 1, "time": 1e9, "config": {"accum": 3, "dropout": 0.6}}
        return [header, *falling(400, 0.2, 80, train=lambda level: 0.8 + level)]


def _event(kind: EventKind, state: Course, context: Context, first: First | None) -> Event:
    factor, losses = state.factor or Factor(1.0, ""), state.losses
    train, val = float(losses.before[-1]), float(losses.val[-1])
    true = train / factor.times
    evidence: dict[str, Any] = {
        "ratio": train / val,
        "accumulation": context.accumulation,
        "factor": factor.times,
        "train": train,
        "val": val,
        "true_loss": true,
        "true_ratio": true / val,
        "evaluations": losses.seen,
    }
    if first:
        evidence |= {"first_loss": first.loss, "chance": first.chance.loss}
        evidence |= {"chance_is": first.chance.words}
    how = "if it is the sum over" if factor.times > 1 else "if it was divided once too often by"
    title = (
        f"{context.train_loss} {train:.3g} is {train / val:.3g} x {context.val_loss} "
        f"{val:.3g}; {how} {factor.words}, the true loss is {true:.3g}"
    )
    row, onset, name = int(losses.rows[-1]), state.onset, context.train_loss
    return Event(kind, row, onset, Severity.WARNING, title, name, evidence)


def _first_row(context: Context, block: Block) -> int:
    """Return the row of the first training loss since the baseline."""
    every = block.lane.samples(context.train_loss)
    (first,) = every.positions(context.baseline_row)
    return int(every.rows[first])


def _first_of(losses: Pairs, context: Context, block: Block) -> First | None:
    """Return the first losses of the run; None of one that was resumed."""
    return None if losses.resumed else first_losses(context, block, int(losses.rows[-1]))
