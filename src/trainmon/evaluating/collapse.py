"""What share of the predictions one class has: counted, or told by the arithmetic of metrics.

Where everything is predicted to be one class, precision, recall, accuracy and the correlation
coefficients have values that no other model has, but by an accident that does not repeat.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trainmon.evaluating.metrics import agree, decimals

_POSITIVE, _NEGATIVE = 1, 0


@dataclass(frozen=True, slots=True)
class Collapse:
    """The class that has most of the predictions."""

    predicted: float
    """The share of predictions that it has."""
    actual: float
    """Its true share."""
    index: int | None
    """Which class it is, where that is known."""
    why: str
    """What tells it."""
    evaluations: int = field(default=1, repr=False)
    """How many it took to tell it."""
    commonest: float | None = field(default=None, repr=False)
    """The true share of the commonest class, where that is known."""


def counted(predicted: Sequence[float], actual: Sequence[float]) -> Collapse | None:
    """Return the class that is predicted most, from the shares of all classes.

    >>> counted([0.03, 0.97], [0.4, 0.6])
    Collapse(predicted=0.97, actual=0.6, index=1, why='counts')
    """
    if not predicted or len(predicted) != len(actual):
        return None
    index = max(range(len(predicted)), key=predicted.__getitem__)
    return Collapse(predicted[index], actual[index], index, "counts", commonest=max(actual))


def implied(
    values: Mapping[str, float],
    known: Sequence[float],
    classes: float | None,
    *,
    stands: bool,
) -> Collapse | None:
    """Return the class that has all predictions, if an evaluation's metrics leave no other reading.

    `known` are the true shares of the classes as far as they are known, `classes` is how many the
    configuration tells, and `stands` whether the accuracy is that of the evaluation before.

    >>> one = {"accuracy": 0.4365, "precision": 0.4365, "recall": 1.0}
    >>> implied(one, (), None, stands=False)
    Collapse(predicted=1.0, actual=0.4365, index=1, why='recall is 1 and precision is accuracy')
    """
    accuracy = values.get("accuracy")
    if accuracy is None or not 0 < accuracy < 1:
        return None
    readings = [*_exact(values, accuracy), *(_standing(values, accuracy) if stands else ())]
    if stands:
        positive = values.get("prevalence")
        shares = known or ((1 - positive, positive) if positive is not None else ())
        alike = (index for index, part in enumerate(shares) if agree(part, accuracy))
        readings += [(index, "accuracy stands still at the share of a class") for index in alike]
        chance = 1 / classes if classes and classes > 1 else 0
        balanced = values.get("balanced_accuracy", accuracy)
        if chance and (agree(accuracy, chance) or agree(balanced, chance)):
            readings.append((None, f"accuracy stands still at 1/{classes:.0f}"))
    index, why = next(iter(readings), (None, ""))
    if not why:
        return None
    two = max(accuracy, 1 - accuracy) if index == _POSITIVE and not known else None
    return Collapse(1.0, accuracy, index, why, commonest=max(known, default=two))


def in_turn(accuracies: Sequence[float]) -> Collapse | None:
    """Return that each evaluation has one answer to all, if the accuracies are shares of classes.

    That is so where a few values come again and again and add up to 1. Values of few decimals are
    those of few samples, which add up to 1 by accident.

    >>> in_turn([0.35, 0.3075, 0.3075, 0.35, 0.3425, 0.35])
    Collapse(predicted=1.0, actual=0.35, index=None, why='its 3 values add up to 1')
    >>> in_turn([0.35, 0.3075, 0.3275, 0.35, 0.3425, 0.35]) is None
    True
    """
    values = [round(value, _COMPUTED) for value in accuracies]
    shares, last = sorted(set(values)), range(1, len(values))
    if len(values) < IN_TURN or not 1 < len(shares) <= len(values) // 2 or shares[0] <= 0:
        return None
    returns = sum(values[at] != values[at - 1] and values[at] in values[: at - 1] for at in last)
    digits = max(map(decimals, shares))
    off = abs(sum(shares) - 1) > 0.5 * len(shares) * 10.0**-digits + 10.0**-_COMPUTED
    if returns < _RETURNS or digits < _DECIMALS or off:
        return None
    why = f"its {len(shares)} values add up to 1"
    return Collapse(1.0, accuracies[-1], None, why, evaluations=len(values))


IN_TURN = 6
"""Evaluations in which values come again by no accident."""

_RETURNS = 2
"""Times that a value comes again behind another one: a course upwards never goes back."""

_DECIMALS = 3
"""Of a share: fewer are those of at most a hundred samples."""

_COMPUTED = 6
"""Decimals that numbers of single precision share."""


def _exact(values: Mapping[str, float], accuracy: float) -> Iterator[tuple[int | None, str]]:
    """Yield the class that one evaluation alone points to, and why."""
    recall, positive = values.get("recall"), values.get("prevalence")
    if recall == 1 and agree(values.get("precision", -1.0), accuracy):
        yield _POSITIVE, "recall is 1 and precision is accuracy"
    if recall == 0 and positive is not None and agree(accuracy, 1 - positive):
        yield _NEGATIVE, "recall is 0 and accuracy is 1 - prevalence"


def _standing(values: Mapping[str, float], accuracy: float) -> Iterator[tuple[int | None, str]]:
    """Yield the class that an accuracy points to which is the same as before, and why."""
    if values.get("recall") == 0 and values.get("precision", 0.0) == 0:
        yield _NEGATIVE, f"recall is 0 and accuracy stands still at {accuracy:.4g}"
    if values.get("mcc") == 0 or values.get("kappa") == 0:
        yield None, "the correlation is 0 and accuracy stands still"
