"""Whether validation gains nothing while training learns: that is of no use there.

No chance level needs to be known. The validation loss is about what an untrained model has and has
not moved since the first evaluation, while the training loss has halved; or it has been above that
from the first evaluation to the last. No metric gets better.
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
"""Of a loss: by less it has not moved, and is not better."""

_UNTRAINED = (0.9, 1.5)
"""Times the first training loss: in between the validation loss is that of an untrained model.

A run that begins with what another has learned may stand at any loss, and one whose losses are
computed differently at any ratio.
"""

_MOVES = 0.02
"""Of the first validation loss: what is learned of other answers moves it by more."""

_OTHERWISE = 30.0
"""Times the first training loss: a validation loss above it is computed otherwise."""

_FALLEN = 0.5
"""Of the first training loss: from here on much has been learned, or is known by heart."""

_HARDLY = 0.1
"""Of the first validation loss: by as much one evaluation in many is better by luck."""

_LEARNED = 0.8
"""Likewise where the validation loss is worse than that of an untrained model."""

_BETTER = 0.05
"""Of what a metric still lacked at the first evaluation: by more it has got better."""

_SHARE = 1.0
"""The best that a metric can be of which more is better, if it is a share."""


def never_better(
    said: Said, context: Context, block: Block, row: int, course: LossCourse
) -> Standstill | None:
    """Return that validation has gained nothing while training learned, if it is so up to a row."""
    first, begun = said.first, course.start.value
    if context.val_loss is None or said.number < _EVALUATIONS or begun <= 0 or not first > 0:
        return None
    now = course.now.value
    stands = now <= _FALLEN * begun and _stands(said, begun)
    if not (stands or (now <= _LEARNED * begun and _is_apart(said, course))):
        return None
    if _any_better(context, block, row):
        return None
    train, fell = context.train_loss, f"fell {begun:.3g} → {now:.3g}"
    told = f"has stood at {first:.3g} since its first of {said.number} evaluations"
    if not stands:
        told = f"was never below {said.low:.3g} in {said.number} evaluations"
    title = f"{context.val_loss} {told} while {train} {fell}"
    return Standstill(title, context.val_loss, first, never_better=True)


def _stands(said: Said, begun: float) -> bool:
    """Return whether the validation loss has stood at what an untrained model has."""
    low, high = _UNTRAINED
    near = low * begun <= said.first <= high * begun
    return near and _gained(said) <= _STANDS and said.high <= (1 + _STANDS) * said.first


def _is_apart(said: Said, course: LossCourse) -> bool:
    """Return whether it was above that from the first evaluation to the last, and got no better.

    Whoever learns other answers is the surer of wrong ones, and the worse for it.
    """
    begun = course.first
    above = (1 + _STANDS) * begun <= said.low and said.first <= _OTHERWISE * begun
    # One that is computed otherwise stands far above it, and need not move.
    moves = said.high - said.low > _MOVES * said.first or said.first <= _UNTRAINED[1] * begun
    return above and moves and _gained(said) <= _HARDLY


def _gained(said: Said) -> float:
    """Return by what share the best validation loss is below the first one."""
    return 1 - said.low / said.first


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
