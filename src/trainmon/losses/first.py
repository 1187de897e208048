"""The first losses of a run beside what a model scores that ignores its inputs."""

from dataclasses import dataclass

import numpy as np

from trainmon.chance import Chance, chance_levels
from trainmon.context import Context
from trainmon.medians import median_of
from trainmon.rule import Block

_FIRST = 3
"""Losses, and steps, that are the first ones: with a high learning rate the fourth has learned."""


@dataclass(frozen=True, slots=True)
class First:
    """The median of the first losses, and a chance level of theirs."""

    loss: float
    chance: Chance

    @property
    def ratio(self) -> float:
        """The loss in units of the chance level."""
        return self.loss / self.chance.loss


def first_losses(context: Context, block: Block, row: int) -> First | None:
    """Return the first training losses since the baseline, beside the surest chance level.

    The level is that which is known at `row`; None where none is known for sure.
    """
    chance = next(iter(chance_levels(context, block, row)), None)
    if chance is None or not chance.sure:
        return None
    every = block.lane.samples(context.train_loss)
    first, last = every.positions(context.baseline_row, row + 1)
    last = min(last, first + _FIRST)
    values, steps = every.values[first:last], block.steps[every.rows[first:last]]
    values = values[np.isfinite(values) & ~(steps > steps[:1] + _FIRST)]
    return First(median_of(values), chance) if len(values) else None
