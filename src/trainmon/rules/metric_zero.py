"""The metric that decides is 0, and has been for too long.

Looks for
---------
A metric of hits (F1, recall, precision, mAP, IoU, Dice, hits at k ...) that is exactly 0 evaluation
after evaluation, or never more than next to nothing.

Why it matters
--------------
Exactly 0 means that not one example was right: this is rarely a model that is a little too weak,
and mostly a mistake in the evaluation, the labels or the threshold. No checkpoint is kept, no
early stopping ends the run.

Fires when
----------
The monitored metric is exactly 0 in 3 evaluations in a row, past a third of the plan, or 5 epochs,
or once the learning rate has been cut; one evaluation is enough where the training is over by then:
the learning rate was cut, or the training loss is a hundredth of what it was. Where none is
monitored, all metrics of hits of that evaluation must be 0. Three evaluations behind the gate are
enough where positives are predicted, and so many that some would be right by chance. Next to
nothing is less than .01 in the last 8 evaluations past a third of the plan, or in the last 40.
Evidence `tree` tells the reason:

- "no positives": the evaluation set holds none
- "none predicted, ranks well": the scores rank, and the threshold lies above all of them
- "none predicted, does not rank": the model says the same of all
- "predicted but never right": positives are predicted, and none of them is one: the label index.
  An accuracy that moves tells it as well: without predictions it stands
- "unknown": the log does not tell; an `evaluation` event would

Stays quiet
-----------
In the first epochs, before the warm-up is over, up to half of the plan while the training loss
falls by 5 % from evaluation to evaluation (in the first ten also while the validation loss goes
down at each of the last four, by 5 % in all), and on metrics that were above 0 once and fell:
`metric-collapse` tells those. It is info while the scores rank well and the run goes on: rare
classes are not predicted for a while, up to half of the plan and while the validation loss falls by
5 % from evaluation to evaluation. It is info as well while the metric that the configuration
monitors is another one and goes from best to best: that one decides, and the run does what it is
for. A mistake that is sure (no positives, none of the predicted ones right) stays one.

What to do
----------
Log the confusion: `log.evaluation("val", targets, scores)`. Look at five positives with their
scores, at the index of the class that is measured, at the threshold.

Sources
-------
scikit-learn's notes on undefined metrics; field reports of detectors that were evaluated on classes
which no label has.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("metric-zero")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title, first.evidence["tree"]
('warning', 'val/f1 is 0 in all 5 evaluations', 'unknown')
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.evaluations import improves
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import group_of, scale_of
from trainmon.learning.at_nothing import Hits, TooLong
from trainmon.learning.chance_metrics import evaluation_at
from trainmon.learning.hits import Tree, hits_of, tree
from trainmon.learning.patience import Place, is_over
from trainmon.learning.seldom import is_due
from trainmon.learning.zero_words import evidence_of, title_of
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True, slots=True)
class Watch:
    """The metric that decides, since the baseline."""

    baseline_row: int = -1
    hits: Hits = field(default_factory=Hits)
    streak: Streak = field(default_factory=Streak)


@dataclass(frozen=True)
class MetricZero(Rule[Watch]):
    """A metric of hits that stays at 0."""

    id = "metric-zero"
    summary = "the metric that decides is 0, or next to nothing, for too long; walks the reasons"
    needs = (
        Need(
            "val/<metric>",
            (Role.VAL_METRIC,),
            'log.evaluation("val", targets, scores, step=step)',
            monitored=True,
        ),
    )

    confirm: int = threshold(3, "evaluations in a row: segmentation is often at 0 for a few")
    nothing: float = threshold(0.01, "a share below it all along is next to nothing")
    few: int = threshold(8, "evaluations below it, past a third of the plan")
    many: int = threshold(40, "evaluations below it, without a plan: detectors take 30 epochs")
    falling: float = threshold(
        0.05, "of the training loss between evaluations: it goes on, and a rare class comes late"
    )
    slow: int = threshold(
        10, "evaluations: up to here it does so with a validation loss that goes down each time"
    )
    back: float = threshold(0.05, "a share above it ends the finding")
    half: float = threshold(0.5, "of the plan: by then a threshold would have been reached")
    expected: float = threshold(
        20.0, "hits of that many predictions by chance: none of them is one of 500 million"
    )
    lost: int = threshold(10, "evaluations at exactly 0, and half of the plan: an error")

    @cached_property
    def _too_long(self) -> TooLong:
        return thresholds(TooLong, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metric that decides; the others are looked up beside it."""
        return hits_of(context)[:1]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge the metric evaluation by evaluation, later at some of them."""
        hits = hits_of(context)
        samples = block.samples(hits[0]) if hits else None
        if not samples or Role.RETURN in context.roles.by_role:
            return state, []
        events = list[Event]()
        if (state.baseline_row, state.hits.metric) != (context.baseline_row, hits[0]):
            row = int(samples.rows[0])
            _, events = state.streak.over(row, "the run began anew", state.hits.metric)
            state = Watch(context.baseline_row, Hits(hits[0], since=row))
        numbers = state.hits.evaluations + 1 + np.arange(len(samples))
        values = np.fmax.accumulate(np.concatenate(([state.hits.best], samples.values)))[1:]
        for at in np.flatnonzero(is_due(numbers)).tolist():
            row, value = int(samples.rows[at]), float(samples.values[at])
            if not np.isfinite(value):
                continue
            state = replace(state, hits=state.hits.upto(int(numbers[at]), float(values[at])))
            state, told = self._judge(state, context, block, row, value, hits)
            events += told
        last = state.hits.upto(int(numbers[-1]), float(values[-1]))
        return replace(state, hits=last), events

    def _judge(
        self,
        state: Watch,
        context: Context,
        block: Block,
        row: int,
        value: float,
        hits: tuple[str, ...],
    ) -> tuple[Watch, list[Event]]:
        """Judge one evaluation."""
        name, scale = hits[0], scale_of(context, block, hits[0], row) or 1.0
        others = [_last(block, other, row) for other in hits[1:]]
        zero = value == 0 and all(other == 0 for other in others if np.isfinite(other))
        state = replace(state, hits=state.hits.counted(zero=zero))
        if value * scale > self.back:
            streak, events = state.streak.over(row, f"{name} is {value:.3g}", name)
            return replace(state, streak=streak), events
        told = _event(block, row, name)
        reason = tree(context, block, row, name, told) if zero else Tree.UNKNOWN
        sure = reason == Tree.NEVER_RIGHT and self._too_long.is_sure(state.hits, context, row, told)
        long = sure or self._too_long.is_reached(
            state.hits, context, block, row, zero=zero, scale=scale
        )
        if not long:
            return state, []
        severity = self._severity(state, context, block, row, reason, zero=zero)
        evidence = evidence_of(block, row, state.hits, value, reason, told)
        title = title_of(state.hits, reason, scale, zero=zero)
        streak = replace(state.streak, count=state.hits.evaluations, onset=state.hits.since)
        streak, events = streak.tell(row, severity, title, name, evidence)
        return replace(state, streak=streak), events

    def _severity(
        self,
        state: Watch,
        context: Context,
        block: Block,
        row: int,
        reason: Tree,
        *,
        zero: bool,
    ) -> Severity:
        done = Place.of(context, block, row).done
        half = (done or 0.0) >= self.half
        soon = not half or self._goes_on(context, block, row)
        waits = soon and not is_over(context, block, row)
        if reason == Tree.RANKS and waits:
            return Severity.INFO
        if reason in _RARE and _another_decides(context, block, row, state.hits.metric):
            return Severity.INFO
        lost = zero and half and state.hits.zeros >= self.lost
        return Severity.ERROR if lost else Severity.WARNING

    def _goes_on(self, context: Context, block: Block, row: int) -> bool:
        """Return whether the validation loss still falls: scores on their way pass thresholds."""
        values = block.before(context.val_loss, 2, row + 1).values
        return len(values) > 1 and bool(values[1] < (1 - self.falling) * values[0])

    @staticmethod
    def fires() -> list[Record]:
        """An F1 that is 0 in all epochs."""
        return [
            {"step": 200 * epoch, "epoch": epoch, "train/loss": 0.8 + 0.1 / epoch, "val/f1": 0.0}
            for epoch in range(1, 12)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """An IoU that is 0 in its first epochs."""
        return [
            {"step": 200 * epoch, "epoch": epoch, "val/iou": max(0.0, 0.1 * (epoch - 3))}
            for epoch in range(1, 12)
        ]


_RARE = (Tree.RANKS, Tree.UNKNOWN)
"""What a class that is rarely predicted may show; the other reasons are mistakes for sure."""


def _another_decides(context: Context, block: Block, row: int, name: str) -> bool:
    """Return whether another metric is monitored, and still gets better."""
    monitored = context.monitored
    if monitored is None or monitored[0] == name:
        return False
    other = monitored[0]
    is_metric = context.role(other).role == Role.VAL_METRIC
    return is_metric and improves(context, block, other, row)


def _last(block: Block, name: str, row: int) -> float:
    """Return the last value of a metric up to a row; NaN without one."""
    values = block.before(name, 1, row + 1).values
    return float(values[0]) if len(values) else float("nan")


def _event(block: Block, row: int, name: str) -> EvaluationEvent:
    """Return what the event of the evaluation at a row tells; empty if there is none."""
    found = evaluation_at(block, row)
    return found if group_of(name).startswith(found.split) else EvaluationEvent()
