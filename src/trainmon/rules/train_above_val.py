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

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainmon.accumulation import explained
from trainmon.context import Context
from trainmon.loss_pairs import Pairs
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.streak import Streak
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
    needs = (
        Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),
        Need(
            "val/loss",
            (Role.VAL_LOSS,),
            'log.log({"val/loss": val_loss}, step=step)  # after each evaluation',
        ),
    )
    worst = Severity.INFO

    ratio: float = threshold(1.5, "times the validation loss: less is ordinary with dropout")
    back: float = threshold(1.3, "times the validation loss: below it the finding is over")
    evaluations: int = threshold(3, "in a row")

    def watched(self, context: Context) -> Collection[str]:
        """Return the validation loss; the training loss is looked up at evaluations."""
        return (context.val_loss,) if context.val_loss else ()

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Compare the losses, evaluation by evaluation."""
        events = list[Event]()
        if context.train_loss is None:
            return state, events
        samples = block.samples(context.val_loss)
        for row, val in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
            losses = state.losses.after(context, block, row, val)
            if losses is not None:
                streak, now = self._judge(state.streak, losses, context)
                state = Course(losses, streak)
                events += now
        return state, events

    def _judge(self, streak: Streak, losses: Pairs, context: Context) -> tuple[Streak, list[Event]]:
        """Return what an evaluation adds to those before."""
        last = losses.last
        ripe = context.learning_row is not None and last.row >= context.learning_row
        if not ripe or last.ratio < self.back or min(last.val, last.train) <= 0:
            title = f"{context.train_loss} is no longer far above {context.val_loss}"
            return streak.over(last.row, title, context.train_loss)
        if last.ratio < self.ratio:
            return streak if streak.severity else Streak(), []
        streak = streak.seen(last.row)
        recent = [pair.ratio for pair in losses.pairs[-self.evaluations :]]
        if streak.count < self.evaluations or min(recent) < self.ratio:
            return streak, []
        ratio = float(np.median(recent))
        if explained(context, ratio):
            return streak, []
        evidence: dict[str, Any] = {
            "ratio": ratio,
            "train": last.train,
            "val": last.val,
            "evaluations": streak.count,
        }
        for name in ("dropout", "label_smoothing"):
            if (value := context.positive(name)) is not None:
                evidence[name] = value
        title = (
            f"{context.train_loss} {last.train:.3g} has been {ratio:.2g} x {context.val_loss} "
            f"{last.val:.3g} for {streak.count} evaluations"
        )
        return streak.tell(last.row, Severity.INFO, title, context.train_loss, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """Heavy dropout: half of the training loss is its own."""
        return _example(lambda level: level + 0.4)

    @staticmethod
    def quiet() -> list[Record]:
        """A training loss that is 15 % above, as with a little dropout."""
        return _example(lambda level: 1.15 * level)


def _example(logged: Callable[[float], float]) -> list[Record]:
    rows: list[Record] = [{"trainmon": 1, "time": 1e9, "config": {"dropout": 0.5}}]
    for step in range(1, 401):
        level = 0.3 + 1.5 * float(np.exp(-step / 60))
        place = {"step": step, "epoch": step / 50}
        rows.append(place | {"train/loss": logged(level)})
        rows += [place | {"val/loss": level}] if step % 50 == 0 else []
    return rows
