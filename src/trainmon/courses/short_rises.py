"""Whether a series of few records has left its level: decided on the records themselves."""

from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.ordinary import explained_by_rate
from trainmon.courses.records_above import (
    AFTER,
    BEFORE,
    HALVED,
    LONG,
    jumped,
    left_all_behind,
    left_its_best,
    lost_all,
    lost_at_once,
    median_low,
    thrown_up,
)
from trainmon.rule import LOOKBACK, Block
from trainmon.store.batch import Floats, Rows

_FEW = 24
"""Records of a log that is very short so far: there three of them count, of whatever steps."""

_SMOOTH_KNOWN = 40
"""Records from which on it is known whether they are averages, which begin anywhere and climb."""

_YOUNG = 64
"""Records since a resume in which a raised learning rate may be a restart."""

_RAISED = 1.2
"""Times the learning rate at the best loss."""

_RARE = 5
"""Steps between records that are rare: each is judged, where else cells of eight are."""

_LEFT = 0.1
"""Of the way up: where a loss has left its first level."""


class Rise(NamedTuple):
    """A series that left its level."""

    best: float
    """The level before, the best one."""
    level: float
    """The level now."""
    onset: int
    """The row from which on it stands above."""


def thrown_up_at(rows: Rows, values: Floats) -> Rise | None:
    """Return the rise that ends with the last of all records of a run, if it was thrown up at once.

    It is looked for from the first records on: no warm-up, no restart and no plateau does that.
    """
    found = thrown_up(values)
    if found is None:
        return None
    far = values > found[0] + _LEFT * (found[1] - found[0])
    return Rise(*found, int(rows[np.flatnonzero(far)[0]]))


def rise_at(
    context: Context, block: Block, rows: Rows, values: Floats, settled: float
) -> Rise | None:
    """Return the rise that ends with the last of some finite records, if there is one.

    It is not looked for at the beginning, where a loss may do anything: behind the warm-up, or
    behind the step `settled`, and with some records of a level that has not halved yet. Once it has
    halved, whatever takes it back behind its start is one: no warm-up does. A learning rate that
    rose just then may explain it, unless it does so.
    """
    rare, begin, found = _is_rare(context, block, rows), len(rows) - AFTER, None
    if rare or len(rows) <= _FEW:
        found = jumped(values)
    found = found or left_all_behind(values)
    halved = median_low(values) <= HALVED * values[0]
    known = context.epoch_records or (len(rows) > _SMOOTH_KNOWN and not context.smoothed)
    if rare and found is None:
        begin = len(rows) - LONG
        found = (left_its_best(values) if known else None) or lost_all(values)
        found = found or lost_at_once(values)
    if found is None:
        return None
    onset = int(rows[begin])
    early = onset if halved else int(rows[max(0, begin - BEFORE)])
    learning = context.learning_row is not None and early >= context.learning_row
    many = context.epoch_records and begin >= BEFORE  # where a step may be an epoch
    lost = found[1] >= values[0]  # no restart and no warm-up takes a run back behind its start
    settles = not (learning or many or (halved and lost))
    if settles and not block.steps[early] >= settled:
        return None
    best = int(rows[:begin][np.argmin(values[:begin])])
    rates = block.before(context.learning_rate, LOOKBACK, int(rows[-1]) + 1)
    place = int(np.searchsorted(rates.rows, best, side="right")) - 1
    # Behind a resume the log has not told how high the rate was before.
    resumed = context.baseline_row > 0 and place < _YOUNG
    raised = resumed and len(rates) and rates.values[-1] > _RAISED * rates.values[place]
    explained = raised or explained_by_rate(rates.values, place, lost=lost)
    return None if explained else Rise(*found, onset)


def _is_rare(context: Context, block: Block, rows: Rows) -> bool:
    """Return whether records are some steps apart, so that neighbours are of different batches."""
    if context.epoch_records:
        return True
    first, last = block.steps[rows[[0, -1]]]
    return bool(last - first >= _RARE * (len(rows) - 1))
