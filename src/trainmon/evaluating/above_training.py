"""By how much a validation accuracy lies above that of the training around it."""

from dataclasses import dataclass
from math import sqrt

from trainmon.context import Context
from trainmon.evaluating.evaluations import sample_count
from trainmon.evaluating.metrics import quantity_of, scale_of, value_at
from trainmon.roles import Role
from trainmon.rule import Block


@dataclass(frozen=True, slots=True)
class AboveTraining:
    """A validation accuracy beside a training accuracy, both as shares."""

    validation: float
    train: float
    n: int
    """Examples that it was counted over."""

    @property
    def error(self) -> float:
        """The standard error of the validation accuracy, if it were that of training."""
        return sqrt(max(self.train * (1 - self.train), 0.0) / self.n)

    def is_by(self, errors: float) -> bool:
        """Return whether it is by more than so many standard errors, or samples.

        >>> AboveTraining(0.95, 0.9, 1_000).is_by(6), AboveTraining(0.99, 0.9, 1_000).is_by(6)
        (False, True)
        """
        return self.validation - self.train > errors * max(self.error, 1 / self.n)


def above_training(
    context: Context, block: Block, row: int, validation: float
) -> AboveTraining | None:
    """Return a validation accuracy beside the training accuracy at a row; None where unknown.

    Dropout makes training look worse than it is, so it must be told that there is none.
    """
    if context.number("dropout") != 0:
        return None
    train, n = _train_accuracy(context, block, row), sample_count(block, row)
    return AboveTraining(validation, train, n) if train is not None and n else None


def _train_accuracy(context: Context, block: Block, row: int) -> float | None:
    """Return the train accuracy that is told with an evaluation, as a share."""
    name = next((n for n in context.names(Role.TRAIN_METRIC) if quantity_of(n) == "accuracy"), None)
    value = value_at(block, name, row) if name else None
    scale = scale_of(context, block, name, row) if name else None
    return None if value is None or scale is None else value * scale
