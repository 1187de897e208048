"""A validation loss that goes down evaluation after evaluation, however little at a time.

Labels that do not belong to their inputs, weights that do not move and a model that answers at
random leave it where it is, or lift it: what goes down each time is learned, if slowly.
"""

import numpy as np

from trainmon.context import Context
from trainmon.rule import Block
from trainmon.store.batch import Floats


def goes_down(values: Floats, evaluations: int, by: float) -> bool:
    """Return whether each of the last evaluations is below the one before, `by` a share in all.

    >>> goes_down(np.array([0.70, 0.69, 0.68, 0.67, 0.66]), 5, 0.02)
    True
    >>> goes_down(np.array([0.70, 0.69, 0.68, 0.69, 0.66]), 5, 0.02)
    False
    """
    if len(values) < evaluations:
        return False
    last = values[-evaluations:]
    if not np.isfinite(last).all():
        return False
    return bool((np.diff(last) < 0).all() and last[0] - last[-1] > by * abs(last[0]))


def val_loss_goes_down(
    context: Context, block: Block, row: int, evaluations: int, by: float
) -> bool:
    """Return whether the validation loss does so up to a row; False where none is told."""
    return goes_down(block.before(context.val_loss, evaluations, row + 1).values, evaluations, by)
