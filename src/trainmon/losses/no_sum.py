"""Whether a loss that begins many times too high is proved to be no sum over the batch.

A sample that is classified wrongly has a cross-entropy of ln 2 at least, since another class is as
likely as its own. So the mean loss of an evaluation is at least its share of errors times ln 2, and
what is less when it is divided by the size of a batch was never summed over one.
"""

from math import isfinite, log

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.metrics import quantity_of, scale_of
from trainmon.roles import Role
from trainmon.rule import Block

_OF_BOUND = 0.8
"""Of that least mean: the size of the batch is told by a noisy ratio, too."""

_ONE_SCALE = 2.0
"""Times: a training loss so near to that of an evaluation is a mean where that is one."""

_APART = 64
"""Rows within which the metrics of one evaluation stand."""


def is_no_sum(context: Context, block: Block, row: int, level: float, times: float) -> bool:
    """Return whether the last evaluation up to a row proves that its loss is not `times` its mean.

    `level` is that of the training loss there. False where no accuracy is logged beside the loss.
    """
    loss = block.before(context.val_loss, 1, row + 1)
    if not len(loss) or not isfinite(loss.values[0]):
        return False
    value = float(loss.values[0])
    if not value / _ONE_SCALE <= level <= value * _ONE_SCALE:
        return False
    accuracy = _accuracy(context, block, int(loss.rows[0]), row)
    return value / times < _OF_BOUND * log(2) * (1 - accuracy)


def _accuracy(context: Context, block: Block, place: int, row: int) -> float:
    """Return the accuracy of the evaluation whose loss stands at a place; NaN if none is told."""
    for name in context.names(Role.VAL_METRIC):
        if quantity_of(name) != "accuracy":
            continue
        found = block.before(name, 1, row + 1)
        scale = scale_of(context, block, name, row)
        if len(found) and scale and abs(int(found.rows[0]) - place) <= _APART:
            return scale * float(found.values[0])
    return float(np.nan)
