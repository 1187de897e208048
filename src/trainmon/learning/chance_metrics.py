"""What metrics are for a model that ignores its inputs, and which ones stand there.

The accuracy of such a model is the share of the commonest class, its AUROC one half, its average
precision the share of positives, its R2 and its correlations 0.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import groups, quantity_of, scale_of
from trainmon.evaluating.training_classes import configured_classes
from trainmon.finite import finite
from trainmon.learning.angles import angles, right_angle
from trainmon.once import once
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.roles.name import parsed
from trainmon.rule import Block

SLACK = 0.02
"""Above its chance level a metric is still at it: guesses are a little better now and then."""

HEADROOM = 0.1
"""Of the way from chance to perfect: a metric above it has been learned."""

_UNSURE_HEADROOM = 0.5
"""The same where only the number of classes is known, one of which may be most of all samples, or
where the metric has been there from the first."""

_DEVIATIONS = 2.0
"""Standard errors of a metric of so many samples that are slack as well."""

_UNCOUNTED = 200
"""Positives that an AUROC is taken to be of where nobody counts them, though an F1 of 0 beside it
tells that they are rare: it errs by .02."""

_EXPLAINED = frozenset({"r2", "r2_score", "r_squared", "r2score", "explained_variance"})
_EVENTS_LOOKED_AT = 32
"""Events looked back over for the evaluation to which a metric belongs."""

_LEAST_AUROC = 0.35
"""An "auc" below it is that of another curve, as of the keypoints that are right."""

_LOOKED_AT = 64
"""Values among which the first finite one is looked for."""

_TOP = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """One metric of an evaluation beside its chance level."""

    name: str
    value: float
    level: float
    """What it is by chance; shares, also where the log tells percent."""
    slack: float
    sure: bool = True
    """Whether it may not be more; of classes that are not equally frequent it is."""
    first: float = 0.0
    """The first value since the baseline."""
    guess: float = 0.0
    """What the metric itself is by chance where less of it is better: then the value is the share
    of that which is gained."""

    @property
    def told(self) -> float:
        """The metric itself, as the log tells it or as a share."""
        return self.guess * (1 - self.value) if self.guess else self.value

    @property
    def at_chance(self) -> bool:
        """Whether it is no better than chance."""
        return self.value <= self.level + self.slack

    @property
    def learned(self) -> bool:
        """Whether it is so much better that the model has learned something."""
        gained, better = self.value - self.first, self.value - self.level
        # An untrained model may rank better than chance, and stay there.
        wanted = HEADROOM if self.sure and gained > better / 2 else _UNSURE_HEADROOM
        return better > max(wanted * (1 - self.level), self.slack)


def standings(context: Context, block: Block, row: int) -> Iterator[Standing]:
    """Yield the metrics whose chance level is known, with their last values up to a row.

    The others are left out: nobody knows what the F1 of a guess is.
    """
    event = last_evaluation(block, row)
    for name, quantity in _measured(context):
        values = block.before(name, 1, row + 1).values
        if not len(values) or not np.isfinite(values[-1]):
            continue
        level = _level(quantity, context, event)
        if level is None or not 0 <= level < 1:
            continue
        readings = _readings(context, block, name, row, quantity)
        if len(readings) > 1:
            continue
        value = readings[0]
        if parsed(name).word == "auc" and value < _LEAST_AUROC:
            continue
        positives = event.positive_count
        if positives is None and quantity == "auroc" and _finds_none(context, block, name, row):
            positives = _UNCOUNTED
        slack = SLACK + _DEVIATIONS * _error(quantity, level, event, positives)
        sure = quantity != "accuracy" or bool(event.actual)
        first = value / float(values[-1]) * _first(block, name) if values[-1] else 0.0
        yield Standing(name, value, level, slack, sure, first)
    yield from _angles(context, block, row)


def _angles(context: Context, block: Block, row: int) -> Iterator[Standing]:
    """Yield the angles that began at a right one, or are there, as what is gained of it."""
    for name in angles(context):
        values = finite(block.before(name, 1, row + 1).values)
        if not len(values):
            continue
        first = _first(block, name)
        guess = right_angle(name, float(values[0]), first)
        if guess is not None:
            value = 1 - float(values[0]) / guess
            yield Standing(name, value, 0.0, SLACK, first=1 - first / guess, guess=guess)


def _first(block: Block, name: str) -> float:
    """Return the first finite value of a metric since the baseline."""
    every = block.lane.samples(name)
    (at,) = every.positions(block.baseline_row)
    values = every.values[at : at + _LOOKED_AT]
    values = finite(values)
    return float(values[0]) if len(values) else 0.0


def _finds_none(context: Context, block: Block, name: str, row: int) -> bool:
    """Return whether the F1 of the same evaluation as a metric is exactly 0."""
    group = next(it for it in groups(context) if name in it.names.values())
    values = block.before(group.names.get("f1"), 1, row + 1).values
    return len(values) > 0 and values[0] == 0


def measured(context: Context) -> str | None:
    """Return the first metric of evaluations that is of a known quantity."""
    found = _measured(context)
    return found[0][0] if found else None


def is_good(context: Context, block: Block, row: int) -> bool:
    """Return whether an accuracy, or another share of what is right, is as good as can be."""
    for name, quantity in _measured(context):
        if quantity in _SIGNED or not len(block.before(name, 1, row + 1)):
            continue
        if max(_readings(context, block, name, row, quantity)) >= _GOOD:
            return True
    return False


_GOOD = 0.9
"""A share at which many a fine-tune begins, and has little left to learn."""


def accuracies(context: Context, block: Block, row: int) -> Iterator[tuple[str, float]]:
    """Yield the last accuracies up to a row, as shares, with their names.

    One that may be a share or percent is yielded as both.
    """
    for name, quantity in _measured(context):
        values = block.before(name, 1, row + 1).values
        if quantity == "accuracy" and len(values) and np.isfinite(values[-1]):
            yield from ((name, it) for it in _readings(context, block, name, row, quantity))


def _readings(
    context: Context, block: Block, name: str, row: int, quantity: str
) -> tuple[float, ...]:
    """Return the last value of a metric, as a share where it is one; both where nobody knows."""
    value = float(block.before(name, 1, row + 1).values[-1])
    scale = 1.0 if quantity in _SIGNED else scale_of(context, block, name, row)
    return (value, value / 100) if scale is None else (value * scale,)


def evaluation_at(block: Block, row: int) -> EvaluationEvent:
    """Return all that the last evaluation event up to a row tells; empty without one."""
    return EvaluationEvent.of(_last_fields(block, row))


def last_evaluation(block: Block, row: int) -> EvaluationEvent:
    """Return what the last evaluation event up to a row tells of its targets; empty without one."""
    fields = _last_fields(block, row)
    # A confusion of many classes takes long to read, and tells what the shares do.
    wanted = _TOLD if "actual_shares" in fields else (*_TOLD, "confusion")
    return EvaluationEvent.of({key: fields[key] for key in wanted if key in fields})


def _last_fields(block: Block, row: int) -> Mapping[str, Any]:
    events = block.lane.events
    upto = bisect_right(events, row, key=lambda event: event.row)
    for event in reversed(events[max(0, upto - _EVENTS_LOOKED_AT) : upto]):
        if event.kind == EventKind.EVALUATION and event.fields.get("split") != "train":
            return event.fields
    return {}


_TOLD = ("kind", "n", "positives", "prevalence", "actual_shares")


_SIGNED = frozenset({"r2", "mcc", "kappa"})
"""What is no share and may be below 0."""


@once
def _measured(context: Context) -> tuple[tuple[str, str], ...]:
    """Return the metrics of evaluations that are of a known quantity, and that."""
    found = [(name, what) for each in groups(context) for what, name in each.names.items()]
    unknown = (name for name in context.names(Role.VAL_METRIC) if not quantity_of(name))
    found += [(name, "r2") for name in unknown if parsed(name).word in _EXPLAINED]
    return tuple(found)


def _level(quantity: str, context: Context, event: EvaluationEvent) -> float | None:
    """Return what a quantity is by chance, if it is known."""
    if quantity == "auroc":
        return 0.5
    if quantity in _SIGNED:
        return 0.0
    if quantity == "ap":
        return (event.prevalence or None) if event.binary else None  # of no positives it is none
    classes = context.positive("num_classes") or len(event.actual)
    if quantity == "accuracy":
        return majority(context, event)
    if quantity == "balanced_accuracy" and classes > 1:
        return 1 / classes
    return _TOP / classes if quantity == "top5" and classes > _TOP else None


def majority(context: Context, event: EvaluationEvent) -> float | None:
    """Return the share of the commonest class, or of each if they are equally frequent.

    The evaluation tells it best, then the classes of the training data, then their number alone.
    """
    if event.actual:
        return max(event.actual)
    counts = configured_classes(context.settings)
    if counts:
        return max(counts) / sum(counts)
    classes = context.positive("num_classes")
    return 1 / classes if classes and classes > 1 else None


def _error(quantity: str, level: float, event: EvaluationEvent, positives: int | None) -> float:
    """Return the standard error of a quantity at chance, as far as the counts tell it."""
    if quantity in ("auroc", "ap"):
        # Of the Mann-Whitney statistic, with few positives.
        return sqrt(1 / (12 * positives)) * (level if quantity == "ap" else 1) if positives else 0.0
    return sqrt(level * (1 - level) / event.n) if event.n and quantity not in _SIGNED else 0.0
