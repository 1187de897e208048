"""The first evaluation is nearly perfect, or validation is better than training for no reason.

Looks for
---------
A first evaluation above 0.99, or above 0.999 for areas under a curve; and a validation accuracy
that is higher than that of the training which follows it, without dropout that would explain it.

Why it matters
--------------
Real tasks are not solved in the first epoch. Often the answer is among the inputs, or samples of
the validation set are in the training set, and the number will not hold on new data.

Fires when
----------
The first evaluation of a run is above the bound, at its first one; or the validation accuracy of
one evaluation exceeds the train accuracy logged with the next one by 6 standard errors, in 3
evaluations in a row, where the configuration tells a dropout of 0. It is info in both cases.

Stays quiet
-----------
On resumed runs, whose first evaluation here is not their first one; on accuracies that a large
class explains, told by its share or by an F1 or recall that is much lower.

What to do
----------
Look for features that were made from the target, for duplicates across the splits, for groups
(patient, user, session, day) that stand in both. A pretrained model on an easy task may be this
good: then all is well.

Sources
-------
Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science
(2023).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("suspiciously-good")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title
('info', 'val/accuracy is 0.997 in the first evaluation')
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.above_training import above_training
from trainmon.evaluating.metrics import (
    ONE_EVALUATION,
    groups,
    quantity_of,
    same_evaluation,
    values_at,
)
from trainmon.evaluating.occasions import Occasion, occasions
from trainmon.evaluating.perfect import NearlyPerfect
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True, slots=True)
class Course:
    """How a group of metrics has gone."""

    first_row: int
    """The row of its first evaluation."""
    perfect: str = ""
    """The metric that was nearly perfect there, while it still is."""
    better: Streak = Streak()  # noqa: RUF009 - it is frozen
    """Evaluations in a row at which validation was better than training."""
    row: int = -1
    """The row of the last evaluation."""
    accuracy: float = float("nan")
    """The validation accuracy of the evaluation before."""


@dataclass(frozen=True)
class SuspiciouslyGood(Rule[Mapping[str, Course]]):
    """Results that are too good to be true."""

    id = "suspiciously-good"
    summary = "the first evaluation is nearly perfect, or validation beats training: leakage?"
    needs = (
        Need(
            "val/<metric>",
            (Role.VAL_METRIC,),
            'log.evaluation("val", targets, scores, step=step)',
        ),
    )
    worst = Severity.INFO

    perfect: float = threshold(0.99, "of a share: real tasks are not solved in the first epoch")
    perfect_area: float = threshold(0.999, "of an area under a curve")
    lower: float = threshold(0.9, "of another score: then accuracy is that of a large class")
    large: float = threshold(0.9, "of the samples: such a class explains any accuracy")
    early: float = threshold(0.34, "of the plan: a first evaluation may be the last one as well")
    early_epochs: float = threshold(3.0, "epochs, where no plan is told")
    fallen: float = threshold(0.95, "of a share: below it nothing is suspicious any more")
    errors: float = threshold(6.0, "standard errors by which validation is better")
    confirm: int = threshold(3, "evaluations in a row with better validation")

    @cached_property
    def _nearly_perfect(self) -> NearlyPerfect:
        return thresholds(NearlyPerfect, self)

    def begin(self) -> Mapping[str, Course]:
        """Return the state before the first row."""
        return {}

    def step(
        self, state: Mapping[str, Course], context: Context, block: Block
    ) -> tuple[Mapping[str, Course], list[Event]]:
        """Look at the first evaluation, then at each against training."""
        if context.number("dropout") != 0 and not _may_tell(state, context, block):
            return state, []
        courses, events = dict(state), list[Event]()
        for occasion in occasions(context, block, "accuracy", judged=lambda _: True):
            key, row = occasion.group.key, occasion.row
            if not occasion.group.names:
                continue
            course = courses.get(key) or Course(row)
            courses[key] = course
            first = same_evaluation(block, course.first_row, row)
            if not (first or course.perfect or context.number("dropout") == 0):
                continue
            values = values_at(context, block, occasion.group, row)
            if first:
                course, now = self._first(course, occasion, values, context, block)
            else:
                course, now = self._later(course, occasion, values)
            events += now
            if "accuracy" in values and not same_evaluation(block, course.row, row):
                course, now = self._against_training(
                    course, occasion, values["accuracy"], context, block
                )
                events += now
            courses[key] = course
        return courses, events

    def _first(
        self,
        course: Course,
        occasion: Occasion,
        values: Mapping[str, float],
        context: Context,
        block: Block,
    ) -> tuple[Course, list[Event]]:
        """Return whether the first evaluation of a run is nearly perfect."""
        if course.perfect:
            return course, []
        quantity = self._nearly_perfect.score(occasion, values, context, block)
        if quantity is None:
            return course, []
        row, value, name = occasion.row, values[quantity], occasion.group.names[quantity]
        title = f"{name} is {value:.4g} in the first evaluation"
        epoch = float(block.epochs[row])
        evidence = known({"value": value, "reason": "first evaluation", "epoch": epoch})
        event = Event(EventKind.OPENED, row, row, Severity.INFO, title, name, evidence)
        return replace(course, perfect=name), [event]

    def _later(
        self, course: Course, occasion: Occasion, values: Mapping[str, float]
    ) -> tuple[Course, list[Event]]:
        """Return that what was nearly perfect at first is not any more."""
        name, row = course.perfect, occasion.row
        if not name or values.get(quantity_of(name), 1.0) >= self.fallen:
            return course, []
        title = f"{name} is {values[quantity_of(name)]:.4g} by now"
        event = Event(EventKind.CLEARED, row, course.first_row, Severity.INFO, title, name)
        return replace(course, perfect=""), [event]

    def _against_training(
        self, course: Course, occasion: Occasion, accuracy: float, context: Context, block: Block
    ) -> tuple[Course, list[Event]]:
        """Return whether validation was better than the training that followed it."""
        row, metric = occasion.row, occasion.group.names["accuracy"]
        before, streak = course.accuracy, course.better
        course = replace(course, row=row, accuracy=accuracy)
        above = above_training(context, block, row, before)
        if above is None:
            return course, []
        if not above.is_by(self.errors):
            streak, events = streak.over(row, f"{metric} is not above training any more", metric)
            return replace(course, better=streak), events
        streak, events = streak.seen(row), list[Event]()
        if streak.count >= self.confirm and not course.perfect:
            evidence = {"reason": "better than training", "value": before, "train": above.train}
            evidence |= {"standard_error": above.error, "evaluations": streak.count}
            title = f"{metric} was {before:.4g} before a training accuracy of {above.train:.4g}"
            streak, events = streak.tell(row, Severity.INFO, title, metric, evidence)
        return replace(course, better=streak), events

    @staticmethod
    def fires() -> list[Record]:
        """A classifier that is nearly perfect after its first epoch."""
        values = (0.997, 0.998, 0.9985, 0.999)
        return [
            {"step": 100 * epoch, "epoch": epoch, "train/loss": 0.1 / epoch, "val/accuracy": value}
            for epoch, value in enumerate(values, 1)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A rare class: an accuracy of 0.995 is that of the other one."""
        return [
            {"step": 100 * epoch, "epoch": epoch, "val/accuracy": 0.995, "val/f1": 0.1 * epoch}
            for epoch in range(1, 5)
        ]


def _may_tell(state: Mapping[str, Course], context: Context, block: Block) -> bool:
    """Return whether a first evaluation goes on, or something was nearly perfect in one."""
    if not {group.key for group in groups(context)} <= state.keys():
        return True
    return any(
        course.perfect or block.start - course.first_row <= ONE_EVALUATION
        for course in state.values()
    )
