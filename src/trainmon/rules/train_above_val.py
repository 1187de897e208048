"""The training loss stays far above the validation loss.

Looks for
---------
A training loss of 1.5 times the validation loss and more, evaluation after evaluation.

Why it matters
--------------
The two are not measured alike: dropout, augmentation, mixing or label smoothing act in training
alone, and they may be stronger than the model bears. Else a loss is reported wrongly, or the
validation set is easier than the training set.

Fires when
----------
In 3 evaluations in a row the training loss (the median of 50 samples before and behind an
evaluation) is at least 1.5 times the validation loss. It is info: many a good run is like that.

Stays quiet
-----------
In the first 100 steps and a quarter epoch behind the warm-up. Where accumulation explains the
ratio. Below 1.5: 10 to 20 % are ordinary. On losses that are not positive, whose ratio says
nothing. Between 1.3 and 1.5 a finding stays as it is.

What to do
----------
Evaluate some training batches in evaluation mode: if their loss is near that of the validation, the
regularisation makes the difference. Then try it weaker: less dropout, milder augmentation.

Sources
-------
Srivastava et al., Dropout (2014), for a training loss with dropout that is above the test loss.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("train-above-val")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["evaluations"]
('info', 3)
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.losses.accumulation import explained
from trainmon.losses.both import TRAIN_AND_VAL, evaluated, falling
from trainmon.losses.pairs import Pairs
from trainmon.medians import median_of
from trainmon.rule import Block, Event, Rule, Severity
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Course:
    """How the two losses have gone, and for how long one has been far above the other."""

    losses: Pairs = field(default_factory=Pairs)
    streak: Streak = field(default_factory=Streak)


@dataclass(frozen=True)
class TrainAboveVal(Rule[Course]):
    """A training loss far above the validation loss."""

    id = "train-above-val"
    summary = "the training loss stays far above the validation loss: too much regularisation?"
    needs = TRAIN_AND_VAL
    worst = Severity.INFO

    ratio: float = threshold(1.5, "times the validation loss: less is ordinary with dropout")
    back: float = threshold(1.3, "times the validation loss: below it the finding is over")
    evaluations: int = threshold(3, "in a row")

    def watched(self, context: Context) -> Collection[str]:
        """Return the validation loss; the training loss is looked up at evaluations."""
        return evaluated(context)

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Find the evaluations at which it lies above, then follow those."""
        events = list[Event]()
        if context.train_loss is None:
            return state, events
        every = state.losses.extended(context, block)
        new = every.new_since(state.losses)
        if not new:
            return state, events
        # Of the newest evaluation only what came before it is known.
        at_once = every.before / np.where(every.val > 0, every.val, np.nan)
        above, streak, ratios = at_once >= self.ratio, state.streak, every.ratio
        for index in new:
            if streak.count or above[index]:
                first = max(0, index + 1 - self.evaluations)
                recent = np.append(ratios[first:index], at_once[index])
                streak, now = self._judge(streak, recent, every.upto(index), context)
                events += now
        return Course(every.upto(len(every) - 1), streak), events

    def _judge(
        self, streak: Streak, recent: Floats, losses: Pairs, context: Context
    ) -> tuple[Streak, list[Event]]:
        """Return what an evaluation adds to those before, given the ratios of the last ones."""
        row, name = int(losses.rows[-1]), context.train_loss
        train, val = float(losses.before[-1]), float(losses.val[-1])
        ripe = context.learning_row is not None and row >= context.learning_row
        if not (ripe and recent[-1] >= self.back and train > 0):
            return streak.over(row, f"{name} is no longer far above {context.val_loss}", name)
        if recent[-1] < self.ratio:
            return streak if streak.severity else Streak(), []
        streak, ratio = streak.seen(row), median_of(recent)
        told = streak.count >= self.evaluations and recent.min() >= self.ratio
        if not told or explained(context, ratio):
            return streak, []
        evidence: dict[str, Any] = {
            "ratio": ratio,
            "train": train,
            "val": val,
            "evaluations": streak.count,
        }
        for setting in ("dropout", "label_smoothing"):
            if (value := context.positive(setting)) is not None:
                evidence[setting] = value
        title = (
            f"{name} {train:.3g} has been {ratio:.2g} x {context.val_loss} {val:.3g} "
            f"for {streak.count} evaluations"
        )
        return streak.tell(row, Severity.INFO, title, name, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """Heavy dropout: half of the training loss is its own."""
        header: Record = {"trainmon": 1, "time": 1e9, "config": {"dropout": 0.5}}
        return [header, *falling(400, 0.3, 60, train=lambda level: level + 0.4)]

    @staticmethod
    def quiet() -> list[Record]:
        """A training loss that is 15 % above, as with a little dropout."""
        header: Record = {"trainmon": 1, "time": 1e9, "config": {"dropout": 0.5}}
        return [header, *falling(400, 0.3, 60, train=lambda level: 1.15 * level)]
