"""How far the training had come where readings of the machine stand, and whether it paused there.

Readings come at a pace of their own: before the first step, during evaluations and checkpoints too.
"""

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import Flags
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows, Samples
from trainmon.store.lane import Lane

_PAUSE = 3.0
"""Times the usual time between two records of the training: an evaluation, or a checkpoint."""

_USUAL_OF = 32
"""Gaps whose median is the usual one."""


def told_by_training(context: Context, lane: Lane) -> Samples:
    """Return the samples that tell of steps: their time, or else their loss."""
    return lane.samples(context.step_time or context.train_loss)


def steps_before(context: Context, block: Block, rows: Rows) -> Floats:
    """Return how many steps were done before each of some rows; infinite where none are told."""
    lane = block.lane
    told = told_by_training(context, lane)
    (begin,) = told.positions(context.baseline_row)
    if begin >= len(told):
        return np.full(len(rows), np.inf)
    places = np.searchsorted(told.rows, rows)
    steps = lane.steps[told.rows[np.maximum(places - 1, begin)]]
    done = steps - lane.steps[int(told.rows[begin])]
    return np.where(np.isfinite(done), done, np.inf)


def pauses(context: Context, block: Block, first: Rows, last: Rows) -> Flags:
    """Return in which stretches of rows, by their first and last, the training made no step.

    That is where it tells of none in them, and has not for longer than it usually does.
    """
    told, times = told_by_training(context, block.lane), block.lane.times
    if len(told) <= _USUAL_OF:
        return np.zeros(len(first), np.bool_)
    places = np.searchsorted(told.rows, last, side="right") - 1
    at = np.maximum(places, 0)
    outside = (places < 0) | (told.rows[at] < first)
    silence = times[last] - times[told.rows[at]]
    earlier = np.maximum(at[:, None] - np.arange(_USUAL_OF + 1), 0)
    usual = np.median(-np.diff(times[told.rows[earlier]], axis=1), axis=1)
    return np.asarray(outside & (silence > _PAUSE * usual))
