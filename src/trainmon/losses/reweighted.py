"""Whether a training loss rose because its parts are weighted otherwise, and nothing was lost.

A weight that is warmed up or goes in cycles, as that of a divergence in an autoencoder, raises the
total while the model gets better. The weights of now are found out from the logged parts, and the
best total is taken again at these: where it is no lower, nothing has been lost. Parts that are
logged as they are weighted tell no weights: there the task's own has to hold.
"""

import numpy as np

from trainmon.context import Context
from trainmon.losses.parts import Part, parts_of
from trainmon.medians import median_of, medians_of
from trainmon.rule import Block
from trainmon.store.batch import Floats

_EACH = 3
"""Records for each number that is fitted."""

_LEAST = 8
"""Records of a stretch, at least."""

_EXACT = 0.01
"""Of the total: what the parts leave of it in the median record. More is a part that is not logged,
or none that is weighted."""

_HOLDS = 1.1
"""Times its level at the best total: a part no higher than that has not suffered."""

Table = Floats
"""The total and its parts, one a column, and one record a row."""


def is_reweighted(
    context: Context, block: Block, best_row: int, row: int, times: float, *, lost: bool
) -> bool:
    """Return whether the loss at a row is below `times` its best one at the weights of now.

    False where the log does not tell the parts, or these do not add up to the total. `lost` tells
    whether the loss is behind where the run began: no part that holds makes up for that.
    """
    parts = parts_of(context)
    if not parts:
        return False
    now, best = (_table(parts, context, block, end) for end in (row, best_row))
    if not len(best):
        return False
    few = min(_LEAST, len(best), len(now))
    level, before = (medians_of(each[-few:].T) for each in (now, best))
    if _add_up(now, now[:, 1:].sum(axis=1)):
        main = [False, *(part.kind == "main" for part in parts)]
        return not lost and bool(0 < level[main].sum() <= _HOLDS * before[main].sum())
    weights = _weights(now)
    return weights is not None and bool(0 < level[1:] @ weights < times * (before[1:] @ weights))


def _table(parts: tuple[Part, ...], context: Context, block: Block, row: int) -> Table:
    """Return the last records up to a row that hold the total and all its parts."""
    wanted = max(_LEAST, 2 * _EACH * len(parts))
    columns = [
        block.before(name, wanted, row + 1)
        for name in (context.train_loss, *(part.metric for part in parts))
    ]
    total, *others = columns
    if not len(total) or any(not np.array_equal(each.rows, total.rows) for each in others):
        return np.empty((0, 1 + len(parts)))
    table = np.column_stack([each.values for each in columns])
    return table[np.isfinite(table).all(axis=1)]


def _weights(table: Table) -> Floats | None:
    """Return the weights at the last of some records; None where the parts do not add up.

    They may change along a line, as warm-ups do.
    """
    total, parts = table[:, 0], table[:, 1:]
    count = parts.shape[1]
    ago = np.linspace(-1.0, 0.0, len(table))[:, None]
    for terms in (parts, np.hstack((parts, ago * parts))):
        if len(table) < max(_LEAST, _EACH * terms.shape[1]):
            return None
        found = np.asarray(np.linalg.lstsq(terms, total, rcond=None)[0], np.float64)
        weights = found[:count]
        if _add_up(table, terms @ found) and (weights >= -_EXACT).all():
            return weights
    return None


def _add_up(table: Table, told: Floats) -> bool:
    """Return whether what some parts come to is the total, in most records."""
    total = table[:, 0]
    return median_of(np.abs(told - total)) <= _EXACT * median_of(np.abs(total))
