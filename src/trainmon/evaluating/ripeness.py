"""Whether it is late enough to ask what a run has learned, evaluation by evaluation."""

from math import isfinite

from trainmon.context import Context
from trainmon.rule import Block

FIRST_EPOCHS = 2.0
"""Epochs in which a model may predict the majority and nothing else."""

_SHARE = 1 / 3
"""Of the plan, where that comes sooner: many a run has but one epoch."""

_UNPLANNED = 4
"""Evaluations, where neither epochs nor a plan are told."""

_SPARSE = 64
"""Records so few that the end of a warm-up is not looked for among them yet."""

_EVALUATIONS = 3
"""Evaluations that stand for the gate in so short a log."""


def is_ripe(context: Context, block: Block, row: int, evaluations: int) -> bool:
    """Return whether the warm-up and the first epochs lie behind.

    `evaluations` is how many there were in a row of what is to be told.
    """
    return _is_warm(context, block, row, evaluations) and _is_late(context, block, row, evaluations)


def _is_warm(context: Context, block: Block, row: int, evaluations: int) -> bool:
    """Return whether the gate for all that is said of learning is open."""
    if context.learning_row is not None:
        return row >= context.learning_row
    rates = block.before(context.learning_rate, 2, row + 1).values
    rises = len(rates) > 1 and rates[-1] > rates[0]
    return row - context.baseline_row < _SPARSE and evaluations >= _EVALUATIONS and not rises


def _is_late(context: Context, block: Block, row: int, evaluations: int) -> bool:
    """Return whether the first epochs are over, or a third of the plan is."""
    step, epoch = float(block.steps[row]), float(block.epochs[row])
    done = context.share_done(step, epoch)
    if done is not None and done >= _SHARE:
        return True
    if not isfinite(epoch) and context.steps_per_epoch and isfinite(step):
        epoch = step / context.steps_per_epoch
    if isfinite(epoch):
        return epoch > FIRST_EPOCHS
    return done is None and evaluations >= _UNPLANNED
