"""An evaluation metric fell to almost nothing after it had been good.

Looks for
---------
A validation metric of which more is better, at 15 % of its best or less.

Why it matters
--------------
The model has lost what the run is for. Every further epoch is wasted, and the checkpoint worth
keeping is the one from before.

Fires when
----------
The metric is at most 15 % of its best: info at the first such evaluation, a warning at the second
in a row, an error there if it reached 0 or a single hit (1/n, where the log tells n). It says when
a ranking metric such as AUROC stays high meanwhile: then the order of the scores is fine in the
bulk and only the tail is gone.

Stays quiet
-----------
On metrics that were never good: the best must have been reached twice within a factor of two, or be
at least 0.05, since one lucky hit in the first evaluations is no level to fall from. On NaN and on
negative values, which projects write for "not applicable".

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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.evaluations import sample_count
from trainmon.roles import Direction, Role, role_of
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Record
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Course:
    """How one metric has gone: its best, whether that was confirmed, and the fall that is open."""

    best: float = 0.0
    best_row: int = 0
    second: float = 0.0
    low: int = 0
    """Evaluations in a row at or below the limit."""
    onset: int = 0
    severity: Severity = Severity.INFO


@dataclass(frozen=True)
class MetricCollapse(Rule[Mapping[str, Course]]):
    """A validation metric at a small share of its best."""

    id = "metric-collapse"
    summary = "a validation metric fell to almost nothing after it had been good"
    needs = (
        Need(
            "val/<metric>",
            (Role.VAL_METRIC,),
            'log.log({"val/f1": f1}, step=step)  # after each evaluation',
        ),
    )

    share: float = threshold(0.15, "of the best: noise of small evaluations does not reach so far")
    confirm: int = threshold(2, "evaluations in a row: one may be a bad draw")
    level: float = threshold(0.05, "a best below this counts only once it was reached again")
    recovered: float = threshold(0.5, "of the best: above it the collapse is over")

    def begin(self) -> Mapping[str, Course]:
        """Return the state before the first row."""
        return {}

    def step(
        self, state: Mapping[str, Course], context: Context, block: Block
    ) -> tuple[Mapping[str, Course], list[Event]]:
        """Judge each metric of which more is better, evaluation by evaluation."""
        courses, events = dict(state), list[Event]()
        for name in context.names(Role.VAL_METRIC):
            if role_of(name).direction != Direction.HIGHER:
                continue
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
        confirmed = course.best >= self.level or course.second >= course.best / 2 > 0
        if confirmed and value <= self.share * course.best:
            low = course.low + 1
            course = replace(course, low=low, onset=row if low == 1 else course.onset)
            severity = self._severity(low, value, row, block)
            kind = (
                EventKind.OPENED
                if low == 1
                else EventKind.WORSENED
                if severity > course.severity
                else EventKind.REPEATED
            )
            course = replace(course, severity=max(severity, course.severity))
            return course, self._event(kind, course, name, row, value, context, block)
        if course.low and value >= self.recovered * course.best:
            title = f"{name} is back at {value:.3g}"
            event = Event(EventKind.CLEARED, row, course.onset, course.severity, title, name)
            course = replace(course, low=0, severity=Severity.INFO)
            return _improved(course, row, value), event
        return _improved(course, row, value), None

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
            "evaluations": course.low,
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


def _improved(course: Course, row: int, value: float) -> Course:
    """Return the course with this value among its best two."""
    if value > course.best:
        return replace(course, best=value, best_row=row, second=course.best)
    return replace(course, second=max(course.second, value))


def _ranking_that_stays(context: Context, block: Block, row: int) -> tuple[str, float] | None:
    """Return a ranking metric that is within 5 % of its best meanwhile."""
    for name in context.names(Role.VAL_METRIC):
        if not name.lower().endswith(("auroc", "auc", "roc_auc")):
            continue
        values = block.before(name, 50, row + 1).values
        if len(values) and values[-1] >= 0.95 * np.nanmax(values):
            return name, float(values[-1])
    return None
