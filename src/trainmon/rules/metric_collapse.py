"""An evaluation metric fell to almost nothing after it had been good.

Looks for
---------
A validation metric of which more is better, at 15 % or less of the level it had held.

Why it matters
--------------
The model has lost what the run is for. Every further epoch is wasted, and the checkpoint worth
keeping is the one from before.

Fires when
----------
The level is the best median of three evaluations in a row, at first the best evaluation; that
stays one if the metric leaves it step by step, since luck is gone at the next evaluation. A metric
at most 15 % of it, and below it by 3 times the noise of an evaluation, is info at the first such
evaluation, a warning at the second before it has recovered to half, and an error there if it
reached 0 or a single hit (1/n, where the log tells n). It says when a ranking metric such as AUROC
stays high meanwhile: then the order of the scores is fine in the bulk and only the tail is gone.

Stays quiet
-----------
On metrics that were never good: one lucky hit in the first evaluations is no level to fall from,
and a level below 0.1 counts only after eight evaluations. On what an untrained model found by
calling many samples positive: a best of the first three evaluations is none where the validation
loss has fallen by a tenth since (or AUROC risen by .05), or at each evaluation, unless it ranked
well by then. On a precision beside a recall (or an F1) below .05, which is that of a handful of
predictions. On evaluations of so few examples that nothing is within their noise. On the metrics of
one class each, unless one is monitored or nothing else is logged: a rare class comes and goes, and
tells nothing of the run. On NaN and on negative values, which projects write for "not applicable".

What to do
----------
Stop, and go back to the checkpoint of the best evaluation. Then look at what changed between the
best and the first bad evaluation: overfitting (train loss still falling), a learning rate that
rose, a phase that began, the evaluation data itself.

Sources
-------
Field reports of detectors that went on for hours after their metric had reached 0.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("metric-collapse")
>>> [(d.event.kind.value, d.event.severity.word) for d in replay(rule, rule.fires())]
[('opened', 'info'), ('worsened', 'error'), ('repeated', 'error')]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.evaluations import noise, sample_count
from trainmon.evaluating.no_level import Untaught, is_of_few
from trainmon.evaluating.one_of_many import of_one_class
from trainmon.finite import finite
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True, slots=True)
class Course:
    """How one metric has gone: its best, the level it held, and the fall that is open."""

    best: float = 0.0
    best_row: int = 0
    level: float = 0.0
    """The best median of three evaluations in a row; the best one while there are no three."""
    recent: tuple[float, ...] = ()
    """The last evaluations that were not low."""
    low: tuple[float, ...] = ()
    """Those that were, since the fall began."""
    onset: int = 0
    severity: Severity = Severity.INFO
    read: int = 0
    """Evaluations that were not low."""
    best_read: int = 0
    """How many there were up to the best one."""


@dataclass(frozen=True)
class MetricCollapse(Rule[Mapping[str, Course]]):
    """A validation metric at a small share of its best."""

    id = "metric-collapse"
    summary = "a validation metric fell to almost nothing after it had been good"
    needs = (
        Need(
            "val/<metric>",
            (Role.VAL_METRIC,),
            'log.evaluation("val", targets, scores, step=step)',
            monitored=True,
        ),
    )

    share: float = threshold(0.15, "of the level it held: no good result of any metric")
    noises: float = threshold(3.0, "times the noise of one evaluation")
    confirm: int = threshold(2, "evaluations: one may be a bad draw")
    noisy: float = threshold(
        0.125, "of the level: with more noise than this one more evaluation is awaited"
    )
    least: float = threshold(0.1, "the least level that counts before eight evaluations")
    gentle: float = threshold(0.33, "of the evaluation before: luck leaves less behind")
    found: float = threshold(0.05, "of recall, or F1: a precision below it is of few predictions")
    untrained: int = threshold(3, "evaluations: the best of these may be that of a guess")
    ranks: float = threshold(0.7, "an AUROC above it is that of a model that has learned something")
    learned: float = threshold(0.1, "of the validation loss at the best: it has fallen by this")
    ranked: float = threshold(0.05, "of AUROC: it has risen by this, where no such loss is told")
    steps: int = threshold(4, "evaluations since: each has a lower validation loss")
    down: float = threshold(0.02, "of the validation loss: lowered by this in all, it is learned")
    recovered: float = threshold(0.5, "of the level: above it the collapse is over")

    @cached_property
    def _untaught(self) -> Untaught:
        return thresholds(Untaught, self)

    def begin(self) -> Mapping[str, Course]:
        """Return the state before the first row."""
        return {}

    def step(
        self, state: Mapping[str, Course], context: Context, block: Block
    ) -> tuple[Mapping[str, Course], list[Event]]:
        """Judge each metric of which more is better, evaluation by evaluation."""
        courses, events = dict(state), list[Event]()
        for name in _judged(context):
            samples = block.samples(name)
            course = courses.get(name, Course())
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
                if np.isfinite(value) and value >= 0:
                    course, event = self._judge(course, name, row, value, context, block)
                    events += [event] if event else []
            courses[name] = course
        return courses, sorted(events, key=lambda event: event.row)

    def _judge(
        self, course: Course, name: str, row: int, value: float, context: Context, block: Block
    ) -> tuple[Course, Event | None]:
        """Return the course after one evaluation and what was decided there."""
        early = course.best_read <= self.untrained
        low = self._is_low(course, value)
        if low and early and self._untaught.learns(context, block, course.best_row, row):
            title = f"{name} was that of an untrained model"
            over = Event(EventKind.CLEARED, row, course.onset, course.severity, title, name)
            return self._after(Course(), row, value), over if course.low else None
        if low:
            first = not course.low
            lows = (*course.low, value)[-_RECENT:]
            course = replace(course, low=lows, onset=row if first else course.onset)
            noisy = noise(course.recent) > self.noisy * course.level
            severity = self._severity(len(lows) - noisy, value, row, block)
            worsened = EventKind.WORSENED if severity > course.severity else EventKind.REPEATED
            kind = EventKind.OPENED if first else worsened
            course = replace(course, severity=max(severity, course.severity))
            return course, self._event(kind, course, name, row, value, context, block)
        event = None
        if is_of_few(context, block, name, row, self.found):
            return course, event
        if course.low and value >= self.recovered * course.level:
            title = f"{name} is back at {value:.3g}"
            event = Event(EventKind.CLEARED, row, course.onset, course.severity, title, name)
            recent = (*course.recent, *course.low)[-_RECENT:]  # this is how noisy it is
            course = replace(course, recent=recent, low=(), severity=Severity.INFO)
        return self._after(course, row, value), event

    def _is_low(self, course: Course, value: float) -> bool:
        """Return whether a value is far below what the metric has held."""
        held = len(course.recent) >= _RECENT or course.level >= self.least
        return (
            held
            and value <= self.share * course.level
            and course.level - value > self.noises * noise(course.recent)
        )

    def _after(self, course: Course, row: int, value: float) -> Course:
        """Return the course with an evaluation that is not low."""
        course = replace(course, read=course.read + 1)
        if value > course.best:
            course = replace(course, best=value, best_row=row, best_read=course.read)
        recent = (*course.recent, value)[-_RECENT:]
        if len(recent) < _LEVEL_OF:  # a fall may begin at the second one
            return replace(course, recent=recent, level=max(recent))
        level, known = median(recent[-_LEVEL_OF:]), len(course.recent) >= _LEVEL_OF
        # What fewer evaluations held counts no longer, unless it was left step by step.
        if known or all(b >= self.gentle * a for a, b in pairwise(recent)):
            level = max(level, course.level)
        return replace(course, recent=recent, level=level)

    def _severity(self, low: int, value: float, row: int, block: Block) -> Severity:
        if low < self.confirm:
            return Severity.INFO
        count = sample_count(block, row)
        nothing = value == 0 or (count is not None and value * count <= 1.5)
        return Severity.ERROR if nothing else Severity.WARNING

    def _event(
        self,
        kind: EventKind,
        course: Course,
        name: str,
        row: int,
        value: float,
        context: Context,
        block: Block,
    ) -> Event:
        evidence: dict[str, Any] = {
            "best": course.best,
            "best_step": float(block.steps[course.best_row]),
            "best_epoch": float(block.epochs[course.best_row]),
            "value": value,
            "evaluations": len(course.low),
        }
        title = f"{name} collapsed from {course.best:.3g} to {value:.3g}"
        ranking = _ranking_that_stays(context, block, row)
        if ranking:
            evidence["ranking"], evidence["ranking_value"] = ranking
            title += f" while {ranking[0]} stays at {ranking[1]:.3g}"
        return Event(kind, row, course.onset, course.severity, title, name, known(evidence))

    @staticmethod
    def fires() -> list[Record]:
        """A metric that was good and is 0 from the sixth evaluation on."""
        values = (0.6, 0.7, 0.72, 0.71, 0.7, 0.0, 0.0, 0.0)
        return [
            {"step": 100 * index, "epoch": index, "val/f1": value}
            for index, value in enumerate(values)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """One bad evaluation of a metric that has never been good, and a slow start."""
        values = (0.0, 0.01, 0.0, 0.0, 0.2, 0.4, 0.5, 0.45)
        return [
            {"step": 100 * index, "epoch": index, "val/f1": value}
            for index, value in enumerate(values)
        ]


_LEVEL_OF = 3
"""Evaluations in a row whose median is a level."""

_RECENT = 8
"""Evaluations whose second differences tell the noise."""


def _judged(context: Context) -> Iterator[str]:
    """Yield the metrics of which more is better: those of all classes, and the monitored one."""
    classes, monitored = of_one_class(context), context.monitored
    every = context.names(Role.VAL_METRIC)
    names = [name for name in every if name not in classes] or every
    if monitored and monitored[0] not in names and monitored[1] == Direction.HIGHER:
        yield monitored[0]
    yield from (name for name in names if context.role(name).direction == Direction.HIGHER)


def _ranking_that_stays(context: Context, block: Block, row: int) -> tuple[str, float] | None:
    """Return a ranking metric that is within 5 % of its best meanwhile."""
    for name in context.names(Role.VAL_METRIC):
        if not name.lower().endswith(("auroc", "auc", "roc_auc")):
            continue
        values = block.before(name, 50, row + 1).values
        values = finite(values)
        if len(values) and values[-1] >= 0.95 * values.max():
            return name, float(values[-1])
    return None
