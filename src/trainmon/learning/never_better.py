"""Whether validation stands where it began while training learns: that is of no use there.

No chance level needs to be known. The validation loss is about what an untrained model has, has not
moved since the first evaluation, and no metric gets better, while the training loss has halved.
"""

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.learning.loss_course import LossCourse
from trainmon.learning.said import Said
from trainmon.learning.standstill import Standstill
from trainmon.roles import Direction, Role
from trainmon.rule import LOOKBACK, Block
from trainmon.store.batch import Floats

_EVALUATIONS = 5
"""Of a validation loss that stands."""

_STANDS = 0.03
"""Of the first validation loss: all others lie within it."""

_UNTRAINED = (0.9, 1.5)
"""Times the first training loss: in between the validation loss is that of an untrained model.

A run that begins with what another has learned may stand at any loss, and one whose losses are
computed differently at any ratio.
"""

_FALLEN = 0.5
"""Of the first training loss: from here on much has been learned, or is known by heart."""

_BETTER = 0.05
"""Of what a metric still lacked at the first evaluation: by more it has got better."""

_SHARE = 1.0
"""The best that a metric can be of which more is better, if it is a share."""


def never_better(
    said: Said, context: Context, block: Block, row: int, course: LossCourse
) -> Standstill | None:
    """Return that validation has not moved while training learned, if it is so up to a row."""
    first, begun = said.first, course.start.value
    if context.val_loss is None or said.number < _EVALUATIONS or begun <= 0 or not first > 0:
        return None
    low, high = _UNTRAINED
    if not low * begun <= first <= high * begun or course.now.value > _FALLEN * begun:
        return None
    stands = said.low >= (1 - _STANDS) * first and said.high <= (1 + _STANDS) * first
    if not stands or _any_better(context, block, row):
        return None
    train = context.train_loss
    title = (
        f"{context.val_loss} has stood at {first:.3g} since its first of {said.number} evaluations "
        f"while {train} fell {begun:.3g} → {course.now.value:.3g}"
    )
    return Standstill(title, context.val_loss, first)


def _any_better(context: Context, block: Block, row: int) -> bool:
    """Return whether a metric of evaluations has been better than at first, beyond its noise."""
    for name in context.names(Role.VAL_METRIC):
        values = finite(block.before(name, LOOKBACK, row + 1).values)
        direction = context.direction(name)
        if len(values) > 1 and direction != Direction.UNKNOWN and _is_better(values, direction):
            return True
    return False


def _is_better(values: Floats, direction: Direction) -> bool:
    first = float(values[0])
    if direction == Direction.LOWER:
        return bool(first - values.min() > _BETTER * abs(first))
    lacked = _SHARE - first if 0 <= first <= _SHARE else abs(first)
    return bool(values.max() - first > _BETTER * lacked)
