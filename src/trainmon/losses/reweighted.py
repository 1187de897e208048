"""Whether a training loss rose because its parts are weighted otherwise, and nothing was lost.

A weight that is warmed up or goes in cycles, as that of a divergence in an autoencoder, raises the
total while the model gets better. The weights of now are found out from the logged parts, and the
best total is taken again at these: where it is no lower, nothing has been lost.
"""

import numpy as np

from trainmon.context import Context
from trainmon.losses.parts import Part, parts_of
from trainmon.medians import medians_of
from trainmon.rule import Block
from trainmon.store.batch import Floats

_EACH = 3
"""Records for each number that is fitted."""

_LEAST = 8
"""Records of a stretch, at least."""

_EXACT = 0.01
"""Of the total: what the parts leave of it in the median record. More is a part that is not logged,
or none that is weighted."""

Table = Floats
"""The total and its parts, one a column, and one record a row."""


def is_reweighted(context: Context, block: Block, best_row: int, row: int, times: float) -> bool:
    """Return whether the loss at a row is below `times` its best one at the weights of now.

    False where the log does not tell the parts, or these do not add up to the total.
    """
    parts = parts_of(context)
    if not parts:
        return False
    now, best = (_table(parts, context, block, end) for end in (row, best_row))
    if not len(best):
        return False
    weights = _weights(now)
    if weights is None:
        return False
    few = min(_LEAST, len(best))
    level, before = (float(medians_of(each[-few:, 1:].T) @ weights) for each in (now, best))
    return 0 < level < times * before


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
        left = np.abs(terms @ found - total)
        weights = found[:count]
        if np.median(left) <= _EXACT * np.median(np.abs(total)) and (weights >= -_EXACT).all():
            return weights
    return None
