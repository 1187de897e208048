"""The validation loss stays above the training loss by a gap that no longer changes.

Looks for
---------
A gap between the two losses that is large beside them, and as large in each of several evaluations,
while the validation loss does not rise.

Why it matters
--------------
The model does better on what it has seen. That is ordinary and no overfitting yet: validation gets
no worse. But what is left to gain lies in the gap: more or better data, augmentation, more
regularisation.

Fires when
----------
Over 5 evaluations in a row the gap is at least a fifth of the larger loss and 3 times the noise of
an evaluation, its largest value is at most 1.3 times its smallest, and the validation loss is
within 3 % of its best or within its noise. It is info.

Stays quiet
-----------
In the first 100 steps and a quarter epoch behind the warm-up. While the gap opens, and while the
validation loss rises, which is for `overfitting` to tell.

What to do
----------
Nothing, if the result is good enough. Else more data, augmentation, weight decay or dropout; see
that both losses are computed alike, with the same weights and the same reduction.

Sources
-------
Goodfellow, Bengio, Courville, Deep Learning (2016), section 5.2, on the generalisation gap.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("generalisation-gap")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, round(event.evidence["gap"], 2)
('info', 0.25)
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.evaluations import noise
from trainmon.loss_pairs import Pairs
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.streak import Streak
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Course:
    """How the two losses have gone, and for how long their gap has stood."""

    losses: Pairs = field(default_factory=Pairs)
    streak: Streak = field(default_factory=Streak)


@dataclass(frozen=True)
class GeneralisationGap(Rule[Course]):
    """A constant gap between validation and training."""

    id = "generalisation-gap"
    summary = "the validation loss stays above the training loss by a gap that does not change"
    needs = (
        Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),
        Need(
            "val/loss",
            (Role.VAL_LOSS,),
            'log.log({"val/loss": val_loss}, step=step)  # after each evaluation',
        ),
    )
    worst = Severity.INFO

    evaluations: int = threshold(5, "in a row with one gap")
    least: float = threshold(0.2, "of the larger loss: a smaller gap is ordinary")
    noises: float = threshold(3.0, "times the noise of one evaluation")
    spread: float = threshold(1.3, "between the largest gap and the smallest: it stands")
    rise: float = threshold(0.03, "of the best validation loss: less is no rise")

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
        pairs, last = losses.pairs[-self.evaluations :], losses.last
        gaps = [pair.val - pair.train for pair in pairs]
        gap = float(np.median(gaps))
        if not self._is_large(gap, losses):
            title = f"the gap between {context.val_loss} and {context.train_loss} has closed"
            return streak.over(last.row, title, context.val_loss)
        if self._rises(losses):
            return streak.over(last.row, f"{context.val_loss} rises", context.val_loss)
        ripe = context.learning_row is not None and pairs[0].row >= context.learning_row
        stands = min(gaps) > 0 and max(gaps) <= self.spread * min(gaps)
        if not ripe or not stands or len(pairs) < self.evaluations:
            return streak, []
        if not streak.count:
            streak = streak.seen(pairs[0].row)
        streak = streak.seen(last.row)
        evidence: dict[str, Any] = {
            "gap": gap,
            "train": last.train,
            "val": last.val,
            "share": gap / max(abs(last.val), abs(last.train)),
            "evaluations": losses.seen,
        }
        title = (
            f"{context.val_loss} stays {gap:.2g} above {context.train_loss}: "
            f"{last.val:.3g} against {last.train:.3g}"
        )
        return streak.tell(last.row, Severity.INFO, title, context.val_loss, evidence)

    def _is_large(self, gap: float, losses: Pairs) -> bool:
        """Return whether a gap is worth telling beside the losses and their noise."""
        recent = losses.pairs[-self.evaluations :]
        larger = max(abs(losses.last.val), abs(losses.last.train))
        spread = noise(tuple(pair.val for pair in recent))
        return gap >= self.least * larger and gap >= self.noises * spread

    def _rises(self, losses: Pairs) -> bool:
        """Return whether the validation loss is above its best by more than its noise."""
        vals = [pair.val for pair in losses.pairs]
        best, now = min(vals), float(np.median(vals[-3:]))
        spread = noise(tuple(vals[-2 * self.evaluations :]))
        return now - best > max(self.rise * abs(best), self.noises * spread)

    @staticmethod
    def fires() -> list[Record]:
        """Training goes on to 0.1, validation stands at 0.35."""
        return _example(lambda level: level + 0.25)

    @staticmethod
    def quiet() -> list[Record]:
        """Both losses are alike."""
        return _example(lambda level: 1.1 * level)


def _example(validated: Callable[[float], float]) -> list[Record]:
    rows: list[Record] = []
    for step in range(1, 801):
        level = 0.1 + 1.5 * float(np.exp(-step / 60))
        place = {"step": step, "epoch": step / 50}
        rows.append(place | {"train/loss": level})
        rows += [place | {"val/loss": validated(level)}] if step % 50 == 0 else []
    return rows
