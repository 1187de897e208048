"""At which rows it is asked whether a run learns, and whether the log shows its beginning."""

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.learning.chance_metrics import measured
from trainmon.learning.seldom import CELLS, due
from trainmon.once import once
from trainmon.rule import Block

_MIDDLE_STEP = 1_000.0
"""A log whose first step is beyond it, and beyond so many of its records, begins in the middle."""

_MIDDLE_RECORDS = 20.0


@once
def counted(context: Context) -> str | None:
    """Return the metric that counts evaluations: the validation loss, else a usual metric."""
    return context.val_loss or measured(context)


def moments(seen: int, context: Context, block: Block) -> list[tuple[int, int]]:
    """Return the rows at which to judge, each with the number of its evaluation, or 0."""
    samples = block.samples(counted(context))
    found = dict(due(samples.rows, seen + 1)) if len(samples) else {}
    digest = block.digest(context.train_loss)
    first = digest.since(block.start)
    if first < len(digest):
        number = first + 1 + digest.count - len(digest)
        for row, _ in due(digest.rows[first:], number, CELLS):
            found.setdefault(row, 0)
    return sorted(found.items())


def begins(context: Context, block: Block, row: int) -> bool:
    """Return whether the log up to a row shows the run from its beginning."""
    rows = block.lane.samples(context.train_loss).rows[:2]
    rows = rows[rows <= row]
    if len(rows) and rows[0] < context.baseline_row:
        return False
    steps = block.steps[rows]
    told = finite(steps)
    if len(told) < 2:  # noqa: PLR2004 - one step tells no stride
        return True
    return not told[0] > max(_MIDDLE_STEP, _MIDDLE_RECORDS * (told[1] - told[0]))
