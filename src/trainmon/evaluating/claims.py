"""What training claims of itself that its evaluation can be held against: that nothing is left."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.metrics import quantity_of, scale_of
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block

_LAST = 10
"""Samples of the train loss and accuracy that count."""


@dataclass(frozen=True, slots=True)
class Claim:
    """How good training says that the model is."""

    accuracy: float
    """The median of the last train accuracies, as a share."""
    loss: float
    """The median of the last training losses."""
    first_loss: float
    """The highest of the first ones, as far as one may look back."""


def claim_at(context: Context, block: Block, row: int) -> Claim | None:
    """Return what training claims at a row; None where it tells no accuracy or no loss."""
    name = next((n for n in context.names(Role.TRAIN_METRIC) if quantity_of(n) == "accuracy"), None)
    losses = block.before(context.train_loss, LOOKBACK, row + 1).values
    losses = finite(losses)
    if name is None or not len(losses):
        return None
    accuracies = block.before(name, _LAST, row + 1).values
    accuracy = median_of(accuracies) if len(accuracies) else np.nan
    accuracy *= scale_of(context, block, name, row) or np.nan
    return Claim(accuracy, median_of(losses[-_LAST:]), float(losses[:_LAST].max()))


def zero_losses(context: Context, block: Block, row: int) -> int:
    """Return how many training losses there were up to a row if each is exactly 0; else 0.

    A loss that is 0 while gradients flow is that of a policy, which begins there.
    """
    losses = block.before(context.train_loss, LOOKBACK, row + 1).values
    if not len(losses) or losses[-1] or losses.any():
        return 0
    norms = block.before(context.grad_norm, LOOKBACK, row + 1).values
    return 0 if (norms > 0).any() else len(losses)
