"""Whether a run has learned beyond doubt, by its last number alone: then no more is looked at."""

from trainmon.context import Context
from trainmon.learning.loss_course import Past
from trainmon.learning.said import Said
from trainmon.rule import Block


def goes_on(
    said: Said, past: Past, context: Context, block: Block, row: int, number: int, halved: float
) -> bool:
    """Return whether the run has learned, at a row at which the evaluation of a number stands.

    The number is 0 at a cell of the training loss. Below `halved` of the first loss a run goes on.
    """
    if not number:
        last, first = block.before(context.train_loss, 1, row + 1).values, past.first
        fell = len(first) > 0 and len(last) > 0 and last[0] < halved * min(first)
        return said.learned or (not said.informed and fell)
    if context.val_loss is None:
        return False
    value = float(block.before(context.val_loss, 1, row + 1).values[0])
    return said.learned and value < halved * said.first
