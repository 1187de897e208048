"""Which batch of its epoch a record is about, so that a person can look at that batch."""

from math import floor, isfinite

from trainmon.context import Context
from trainmon.rule import Block

_EXACT = 0.1
"""Of a batch: how far from a whole number of batches an epoch may stand; logs round it."""


def batch_at(context: Context, block: Block, row: int) -> dict[str, float]:
    """Return the batch of the epoch at a row, the first being 0, and how many an epoch has.

    Empty where epochs are told in whole numbers, or so coarsely that the batch is a guess.
    """
    epoch, length = float(block.epochs[row]), context.steps_per_epoch
    if not length or not isfinite(epoch) or epoch == floor(epoch):
        return {}
    done = (epoch - floor(epoch)) * length
    if abs(done - round(done)) > _EXACT or length < 1:
        return {}
    return {"batch": float(max(0, round(done) - 1)), "batches": float(round(length))}
