"""What share of the predictions one class has: counted, or told by the arithmetic of metrics.

Where everything is predicted to be one class, precision, recall, accuracy and the correlation
coefficients have values that no other model has, but by an accident that does not repeat.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trainmon.evaluating.metrics import agree

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


def counted(predicted: Sequence[float], actual: Sequence[float]) -> Collapse | None:
    """Return the class that is predicted most, from the shares of all classes.

    >>> counted([0.03, 0.97], [0.4, 0.6])
    Collapse(predicted=0.97, actual=0.6, index=1, why='counts')
    """
    if not predicted or len(predicted) != len(actual):
        return None
    index = max(range(len(predicted)), key=predicted.__getitem__)
    return Collapse(predicted[index], actual[index], index, "counts")


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
    return next((Collapse(1.0, accuracy, index, why) for index, why in readings), None)


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
