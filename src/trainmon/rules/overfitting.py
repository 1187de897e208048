"""Validation gets worse while training still gets better.

Looks for
---------
The validation loss, or the metric that the configuration monitors, moving away from its best for
several evaluations while the training loss keeps falling. Where neither is logged, the first
validation metric of which it is known which way it is better counts, five evaluations in a row.

Why it matters
--------------
The model memorises. Every epoch after the best one is paid for and makes the result worse, and a
"last" checkpoint saved at the end is not the one to keep.

Fires when
----------
m is the exponential average (weight one half) of the evaluations, and b the evaluation where it was
best. The rule counts evaluations in a row at which m is more than 3 % worse than at b, by more than
3 times the noise of an evaluation (from second differences, which a trend leaves alone; that of the
last eight where it has grown), while the same average of the training loss is at most 95 % of what
it was at b, by more than its own noise unless the rise is 8 times that of an evaluation, and of the
level that the loss itself had there: behind a steep fall an average falls while the loss rises. Of
more than 24 evaluations the median of eight must stand twice the noise above its best as well, and
of more than 40 a tenth of all must be worse in a row: the best of many is one of luck. Of an AUROC
it is 3 % of what it has above one half, twice, since no more than that can be lost. It warns at the
fifth, and at the second or third where few evaluations are planned. Two in a row are enough that
are worse than the best by 3 % and by 8 times the noise, once six tell that. Three in a row are
enough whatever the noise and the plan if the validation loss is worse than its best by more than
training has gained in all, and by half of that best: losses below zero have no ratio, but their
ranges compare. Slow rises that single evaluations hide, as where labels are noisy, are told by the
median of eight of them: 3 % and 2.5 times the noise above the best such median (1.5 times where all
metrics fall as well), five times in a row and in a tenth of all evaluations.

Stays quiet
-----------
While the training loss does not fall: then it is no overfitting. On rises of next to nothing above
a validation loss that is next to nothing. It is only info while the validation loss rises a little
and another validation metric is about as good as ever, or rises much and that metric still sets new
bests, or stands at .9 and above: ordinary in classification, where the loss punishes confidence. No
metric excuses it where all of them fall beyond their noise, and one by more than 3 %.

What to do
----------
Keep the checkpoint of the best evaluation and stop. For the next run: early stopping with a
patience of 3 evaluations, more data or augmentation, weight decay, a smaller model.

Sources
-------
Prechelt, Early Stopping - But When? (1998), for counting rises against the best.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("overfitting")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.metric, first.evidence["best_epoch"]
('warning', 'val/loss', 6.0)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.deciding import Directed, monitored_or_first
from trainmon.evaluating.evaluations import all_suffer, holds, sets_bests, train_level
from trainmon.evaluating.metrics import quantity_of
from trainmon.evaluating.worse import Worse
from trainmon.evaluating.worsening import Course, evidence_of, title_of
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class Overfitting(Rule[Mapping[str, Course]]):
    """Validation worsens while training improves."""

    id = "overfitting"
    summary = "validation gets worse while training still gets better; names the best evaluation"
    needs = (
        Need("train/loss", (Role.TRAIN_LOSS,), 'log.log({"train/loss": loss}, step=step)'),
        Need(
            "val/loss",
            (Role.VAL_LOSS, Role.VAL_METRIC),
            'log.log({"val/loss": val_loss}, step=step)  # after each evaluation',
            monitored=True,
        ),
    )

    weight: float = threshold(0.5, "of the newest evaluation in the averages: half-life of one")
    margin: float = threshold(0.03, "of the best: less is within what a person would shrug at")
    noises: float = threshold(3.0, "times the noise of one evaluation")
    falling: float = threshold(0.95, "of the training loss at the best: it still falls")
    holds: float = threshold(0.03, "of its best: another metric this near to it has not suffered")
    far: float = threshold(
        0.25, "of the best loss: beyond it another metric must set new bests to excuse the rise"
    )
    lost: float = threshold(0.5, "of the best loss: by more the rise is no noise of its own")
    dust: float = threshold(
        1e-3, "of the highest training loss: a loss that rises by less has lost nothing"
    )
    confirm_far: int = threshold(3, "evaluations in a row that lost more than training gained")
    many_noises: float = threshold(
        8.0, "times that noise above the best: two in a row are rarer than five above three"
    )
    known: int = threshold(6, "evaluations from which on second differences tell the noise")
    confirm_beyond: int = threshold(2, "evaluations in a row that are so far from the best")
    confirm: int = threshold(5, "evaluations in a row")
    confirm_rare: int = threshold(3, "evaluations in a row where at most 40 are planned")
    many: int = threshold(
        40, "evaluations: of more, some stand in a row far from the best one by luck"
    )
    lasting: float = threshold(
        0.1,
        "of all evaluations, in a row, where medians tell: long runs have stretches of bad ones",
    )
    sure: float = threshold(
        3.0, "times its noise between medians of three: a metric has got worse beside such a loss"
    )
    sure_alone: float = threshold(4.0, "times that noise, where the loss is not sure by itself")
    by_heart: float = threshold(
        0.25, "of the training loss at the best: three are enough, it learns by heart"
    )
    confirm_few: int = threshold(2, "evaluations in a row where at most 15 are planned")

    @cached_property
    def _worse(self) -> Worse:
        return thresholds(Worse, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics that are judged; the training loss is looked up at evaluations."""
        return [name for name, _ in _judged(context)]

    def begin(self) -> Mapping[str, Course]:
        """Return the state before the first row."""
        return {}

    def step(
        self, state: Mapping[str, Course], context: Context, block: Block
    ) -> tuple[Mapping[str, Course], list[Event]]:
        """Judge the validation loss and the metric that decides, evaluation by evaluation."""
        if context.train_loss is None:
            return state, []
        courses, events = dict(state), list[Event]()
        for name, direction in _judged(context):
            samples = block.samples(name)
            course = courses.get(name) or _new(name, direction)
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
                if np.isfinite(value):
                    train = train_level(context, block, course.last_row, row)
                    course = self._worse.after(course, row, course.sign * value, train)
                    course, event = self._judge(course, name, context, block)
                    events += [event] if event else []
            courses[name] = course
        return courses, sorted(events, key=lambda event: event.row)

    def _judge(
        self, course: Course, name: str, context: Context, block: Block
    ) -> tuple[Course, Event | None]:
        """Return what is decided after an evaluation."""
        row = course.last_row
        if course.severity is not None and course.average <= course.best_average:
            title = f"{name} is at a new best"
            event = Event(EventKind.CLEARED, row, course.onset, course.severity, title, name)
            return replace(course, severity=None), event
        wanted = 1 if course.severity is not None else self._wanted(course, name, context, block)
        far = name == context.val_loss and course.far >= self.confirm_far
        slowly = self._slowly(course, name, context, block)
        beyond = course.beyond >= self.confirm_beyond and not _stands_in(name, context)
        if course.worse < wanted and not (beyond or far or slowly):
            return course, None
        lost = min(course.average - course.best_average, course.recent[-1] - course.best)
        if name == context.val_loss and lost <= self.dust * course.train_high:
            return course, None
        other = self._metric_that_holds(course, context, block, row, name)
        severity = Severity.INFO if other else Severity.WARNING
        severity = max(severity, course.severity or severity)
        kind, onset = EventKind.OPENED, course.best_row
        if course.severity is not None:
            kind = EventKind.WORSENED if severity > course.severity else EventKind.REPEATED
            onset = course.onset
        evidence = evidence_of(course, block, other)
        event = Event(kind, row, onset, severity, title_of(name, evidence), name, evidence)
        return replace(course, severity=severity, onset=onset), event

    def _wanted(self, course: Course, name: str, context: Context, block: Block) -> int:
        """Return how many evaluations in a row it takes, given how many are planned."""
        if _stands_in(name, context):
            return self.confirm
        epoch, step = (float(column[course.last_row]) for column in (block.epochs, block.steps))
        if context.planned_epochs and epoch > 0:
            evaluations = context.planned_epochs * course.read / epoch
        elif context.planned_steps and step > 0:
            evaluations = context.planned_steps * course.read / step
        else:
            evaluations = np.inf
        if evaluations <= 15:
            return self.confirm_few
        by_heart = course.train <= self.by_heart * course.train_at_best
        if course.read <= self.many and (evaluations <= 40 or by_heart):
            return self.confirm_rare
        return max(self.confirm, int(self.lasting * course.read))

    def _slowly(self, course: Course, name: str, context: Context, block: Block) -> bool:
        """Return whether medians of evaluations are worse, by far or as all metrics are."""
        wanted = max(self.confirm, self.lasting * course.read)
        if course.slow.beside < wanted or course.slow.worse >= wanted or name != context.val_loss:
            return course.slow.worse >= wanted
        names = context.names(Role.VAL_METRIC)
        return all_suffer(context, block, names, course.last_row, self.holds, self.sure_alone)

    def _metric_that_holds(
        self, course: Course, context: Context, block: Block, row: int, judged: str
    ) -> str | None:
        """Return another validation metric that is about as good as ever."""
        decides = monitored_or_first(context)
        if decides and decides[0] == judged:
            return None
        gap, names = course.average - course.best_average, context.names(Role.VAL_METRIC)
        if gap > self.far * abs(course.best_average):
            return next((name for name in names if sets_bests(context, block, name, row)), None)
        if all_suffer(context, block, names, row, self.holds, self.sure):
            return None
        return next((name for name in names if holds(context, block, name, row, self.holds)), None)

    @staticmethod
    def fires() -> list[Record]:
        """Train loss falls all along; validation loss turns at epoch 6."""
        return [
            {
                "step": 100 * epoch,
                "epoch": epoch,
                "train/loss": 0.8**epoch,
                "val/loss": 1.0 - 0.1 * epoch if epoch <= 6 else 0.4 + 0.06 * (epoch - 6),
            }
            for epoch in range(20)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Validation stands still with noise while train falls."""
        noise = np.random.default_rng(0).normal(0, 0.02, 40)
        return [
            {
                "step": 100 * epoch,
                "epoch": epoch,
                "train/loss": 0.9**epoch,
                "val/loss": max(0.4, 1.0 - 0.1 * epoch) + float(noise[epoch]),
            }
            for epoch in range(40)
        ]


def _stands_in(name: str, context: Context) -> bool:
    """Return whether nobody has said that a metric decides, which may be one of few samples."""
    monitored = context.monitored
    return name != context.val_loss and (monitored is None or monitored[0] != name)


def _new(name: str, direction: Direction) -> Course:
    guess = 0.5 if quantity_of(name) == "auroc" else 0.0
    return Course(-1.0 if direction == Direction.HIGHER else 1.0, guess)


def _judged(context: Context) -> list[Directed]:
    """Return the metrics that are judged: the one that decides first, then the validation loss."""
    judged, decides = list[Directed](), monitored_or_first(context)
    if decides:
        judged.append(decides)
    if context.val_loss and (not decides or decides[0] != context.val_loss):
        judged.append((context.val_loss, Direction.LOWER))
    return judged
