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
Over 5 evaluations in a row the gap is at least 30 % of the larger loss and 3 times the noise of
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

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.seldom import at_growing_gaps
from trainmon.evaluating.evaluations import noise
from trainmon.losses.both import TRAIN_AND_VAL, evaluated, falling
from trainmon.losses.pairs import KEPT, Pairs
from trainmon.medians import median_of
from trainmon.rule import Block, Event, EventKind, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

_GAP = 1.5
"""Growth of the number of evaluations at which a gap that stands is told again."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Course:
    """How the two losses have gone, and what was told of their gap."""

    losses: Pairs = field(default_factory=Pairs)
    best: float = np.inf
    """The best validation loss since the baseline."""
    severity: Severity | None = None
    """The severity of the finding, while it is open."""
    onset: int = 0
    told: int = 0
    """Evaluations at the last event."""


@dataclass(frozen=True)
class GeneralisationGap(Rule[Course]):
    """A constant gap between validation and training."""

    id = "generalisation-gap"
    summary = "the validation loss stays above the training loss by a gap that does not change"
    needs = TRAIN_AND_VAL
    worst = Severity.INFO

    evaluations: int = threshold(5, "in a row with one gap")
    least: float = threshold(0.3, "of the larger loss: a smaller gap is ordinary")
    over: float = threshold(0.1, "of the larger loss: below it the gap has closed")
    noises: float = threshold(3.0, "times the noise of one evaluation")
    spread: float = threshold(1.3, "between the largest gap and the smallest: it stands")
    rise: float = threshold(0.03, "of the best validation loss: less is no rise")

    def watched(self, context: Context) -> Collection[str]:
        """Return the validation loss; the training loss is looked up at evaluations."""
        return evaluated(context)

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Find the evaluations before which the gap was large for long, then follow those."""
        events = list[Event]()
        if context.train_loss is None:
            return state, events
        every = state.losses.extended(context, block)
        new = every.new_since(state.losses)
        if not new:
            return state, events
        best = state.best if new.start else np.inf
        bests = np.minimum.accumulate(np.append(best, every.val[new.start :]))
        state = replace(state, best=float(bests[-1]))
        share = (every.val - every.before) / np.maximum(np.abs(every.val), np.abs(every.before))
        held = _run_of(share >= self.least, self.evaluations)
        first = every.seen - len(every)
        seldom = set(at_growing_gaps(first + new.start, every.seen))
        for index, best in zip(new, bests[1:].tolist(), strict=True):
            over = share[index] < self.over or every.val[index] > best
            number = first + index + 1
            opens = held[index] and (number <= KEPT or number in seldom)
            if opens if state.severity is None else over or number >= _GAP * state.told:
                state, event = self._judge(state, every.upto(index), best, context)
                events += [event] if event else []
        return replace(state, losses=every.upto(len(every) - 1)), events

    def _judge(
        self, state: Course, losses: Pairs, best: float, context: Context
    ) -> tuple[Course, Event | None]:
        """Return what is told after an evaluation."""
        row, name = int(losses.rows[-1]), context.val_loss
        val, train = float(losses.val[-1]), float(losses.before[-1])
        gaps = (losses.val - losses.train)[-self.evaluations :]
        gap, first = median_of(gaps), int(losses.rows[-len(gaps)])
        vals = tuple(losses.val[-2 * self.evaluations :].tolist())
        spread = noise(vals)
        larger = max(abs(val), abs(train))
        closed = val - train < self.over * larger
        rises = median_of(vals[-3:]) - best > max(self.rise * abs(best), self.noises * spread)
        if state.severity is not None and (closed or rises):
            other = f"the gap between {name} and {context.train_loss} has closed"
            title = f"{name} rises" if rises else other
            event = Event(EventKind.CLEARED, row, state.onset, state.severity, title, name)
            return replace(state, severity=None), event
        ripe = context.learning_row is not None and first >= context.learning_row
        stands = gaps.min() > 0 and gaps.max() <= self.spread * gaps.min()
        large = gap >= max(self.least * larger, self.noises * spread)
        if not (ripe and stands and large) or rises:
            return state, None
        evidence: dict[str, Any] = {
            "gap": gap,
            "train": train,
            "val": val,
            "share": gap / larger,
            "evaluations": losses.seen,
        }
        title = f"{name} stays {gap:.2g} above {context.train_loss}: {val:.3g} against {train:.3g}"
        new = state.severity is None
        kind, onset = (EventKind.OPENED, first) if new else (EventKind.REPEATED, state.onset)
        event = Event(kind, row, onset, Severity.INFO, title, name, evidence)
        return Course(losses, state.best, Severity.INFO, onset, losses.seen), event

    @staticmethod
    def fires() -> list[Record]:
        """Training goes on to 0.1, validation stands at 0.35."""
        return falling(800, 0.1, 60, val=lambda level: level + 0.25)

    @staticmethod
    def quiet() -> list[Record]:
        """Both losses are alike."""
        return falling(800, 0.1, 60, val=lambda level: 1.1 * level)


def _run_of(flags: Flags, length: int) -> Flags:
    """Return where so many flags in a row are set, up to each.

    >>> _run_of(np.array([True, True, False, True, True]), 2).tolist()
    [False, True, False, False, True]
    """
    runs = np.convolve(flags, np.ones(length, int))[: len(flags)]
    return np.asarray(runs == length)
