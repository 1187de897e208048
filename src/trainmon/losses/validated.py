"""What evaluations since some row say of a training loss that has risen.

A loss also rises because the data gets harder: a curriculum, stronger augmentation, another source.
The model is as good as before then, or better, and an evaluation tells it.
"""

import numpy as np

from trainmon.context import Context
from trainmon.roles import Direction, Role
from trainmon.rule import Block
from trainmon.store.batch import Samples

_LOOKED_AT = 200
"""Evaluations looked back over."""

_SLACK = 0.02
"""Of the best value before: as good as that."""

_DUE = 1.5
"""Times the rows between the last two evaluations: by then there should have been another one."""


def still_good(context: Context, block: Block, onset: int, row: int) -> bool:
    """Return whether the last evaluation between `onset` and `row` was as good as any before."""
    name = _name(context)
    evaluations = _evaluations(block, name, row)
    signed = evaluations.values * (1 if context.direction(name or "") == Direction.HIGHER else -1)
    before, after = signed[evaluations.rows < onset], signed[evaluations.rows >= onset]
    if not len(before) or not len(after):
        return False
    best = before.max()
    return bool(after[-1] >= best - _SLACK * abs(best))


def is_due(context: Context, block: Block, onset: int, row: int) -> bool:
    """Return whether there was no evaluation since `onset` and one is to come soon."""
    rows = _evaluations(block, _name(context), row).rows
    if len(rows) < 2 or rows[-1] >= onset:  # noqa: PLR2004 - an interval lies between two
        return False
    return bool(row - rows[-1] <= _DUE * (rows[-1] - rows[-2]))


def _name(context: Context) -> str | None:
    """Return the metric that tells: the validation loss, else the first of a known direction."""
    monitored = (context.monitored or (None,))[0]
    names = (context.val_loss, monitored, *context.names(Role.VAL_METRIC))
    known = (n for n in names if n and context.direction(n) != Direction.UNKNOWN)
    return next(known, None)


def _evaluations(block: Block, name: str | None, row: int) -> Samples:
    samples = block.before(name, _LOOKED_AT, row + 1)
    finite = np.isfinite(samples.values)
    return Samples(samples.rows[finite], samples.values[finite])
