"""Where a reading of the machine stands in the training, and whether the first epoch is over there.

Readings come at a pace of their own, and may tell no step and no epoch of their own.
"""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import Flags
from trainmon.digest import Digest
from trainmon.finite import finite
from trainmon.hardware.beside_training import steps_before
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows


@dataclass(frozen=True, slots=True)
class Place:
    """A step, an epoch and a time; NaN where they are not told."""

    step: float
    epoch: float
    time: float


def place_of(block: Block, row: int) -> Place:
    """Return where a row stands; readings of the machine may tell no step of their own."""
    start = max(0, row + 1 - _BEHIND)
    columns = (block.lane.steps, block.lane.epochs, block.lane.times)
    return Place(*(_last_told(column[start : row + 1]) for column in columns))


_BEHIND = 256
"""Rows looked back over for the last step that was told: minutes of readings alone."""


def _last_told(places: Floats) -> float:
    told = finite(places)
    return float(told[-1]) if len(told) else np.nan


def is_past(context: Context, block: Block, digest: Digest, rows: Rows) -> Flags:
    """Return at which of some rows of cells the first epoch since the baseline is over.

    The first cell of all is left out where no epochs are told or but one is planned: nothing is
    known then of when the data have been read once.
    """
    later = rows > digest.first_rows[0] if digest.count == len(digest) else np.ones(len(rows), bool)
    if context.planned_epochs is not None and context.planned_epochs <= 1:
        return np.asarray(later)
    start, last = context.baseline_row, int(rows[-1])
    head = block.lane.epochs[start : min(start + _HEAD, last + 1)]
    told = np.flatnonzero(np.isfinite(head))
    if not len(told):
        each = context.steps_per_epoch
        return np.asarray(later if each is None else steps_before(context, block, rows) >= each)
    begin = max(start, int(rows[0]) - _BEHIND)
    epochs = block.lane.epochs[begin : last + 1]
    places = np.where(np.isfinite(epochs), np.arange(len(epochs)), 0)
    here = epochs[np.maximum.accumulate(places)[rows - begin]]
    known = rows >= start + told[0]
    return np.where(known, here >= np.floor(head[told[0]]) + 1, later)


_HEAD = 1_024
"""Rows in which the epoch at the beginning is looked for."""
