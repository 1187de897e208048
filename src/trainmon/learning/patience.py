"""How long a run is given before it is said of it that it does not learn.

Many a healthy run stands still at first: on the plateau of a contrastive loss, with a rate that is
still small. So the time counts from the gate on, and steps at a small learning rate count for less.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.rule import LOOKBACK, Block
from trainmon.store.timeline import Timeline

SHARE = 0.25
"""Of the planned run, behind the gate."""

MOST_SHARE = 0.6
"""Of what the plan leaves behind the gate, however little: nobody waits for longer."""

LEAST_STEPS, MOST_STEPS = 200.0, 2_000.0
"""Steps behind the gate where a plan is known: no plateau is told of a tiny share of a long run."""

UNPLANNED_STEPS = 250.0
"""Steps behind the gate where none is known."""

PLANNED_EPOCHS, UNPLANNED_EPOCHS = 3.0, 8.0
"""Epochs where no steps are told: of a plan in which they are the least, and without one."""

LATE = 1 / 3
"""Of the plan: nothing is young any more."""

DECAYED = 0.15
"""Of its peak: a learning rate that has fallen to it tells that the run is near its end."""

ENDING = 0.9
"""Of the plan: hardly anything will change any more."""

CONVERGED = 0.01
"""Of its first value: a training loss below it has nothing left to learn."""

SPARSE = 64
"""Records so few that the end of a warm-up may not have been looked for among them yet."""

_RISE_OF = 4
"""Learning rates over which one rises, and by which part of it at least."""

_RISEN = 0.001

_LAST = 8
"""Training losses whose median is that of now."""

YOUNG_EPOCHS = 5.0
"""Epochs in which a metric may stay at nothing where the plan is unknown."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the run."""

    step: float
    epoch: float
    done: float | None
    """Of the plan; None without one."""

    @classmethod
    def of(cls, context: Context, block: Block, row: int) -> "Place":
        """Return the place of a row; the last step and epoch that were told count for it."""
        first = max(context.baseline_row, row - LOOKBACK)
        step, epoch = (_last(told, first, row) for told in (block.lane.steps, block.lane.epochs))
        return cls(step, epoch, context.share_done(step, epoch))


def has_waited(context: Context, block: Block, row: int, *, times: float = 1.0) -> bool:
    """Return whether a run was given time enough to begin to learn, or `times` as much."""
    gate = context.learning_row
    if gate is None or row <= gate or _rises(context, block, row):
        return False
    here, there = Place.of(context, block, row), Place.of(context, block, gate)
    steps = here.step - there.step
    if isfinite(steps):
        wanted = _patience(context, there, times)
        return steps * _rate_share(context, block, gate, row) >= wanted
    if not isfinite(here.epoch):
        return row - gate >= times * UNPLANNED_STEPS
    planned = context.planned_epochs
    wanted = max(PLANNED_EPOCHS, SHARE * planned) if planned else UNPLANNED_EPOCHS
    return here.epoch - there.epoch >= times * min(wanted, UNPLANNED_EPOCHS)


def is_late(context: Context, block: Block, row: int) -> bool:
    """Return whether a run is no longer young: by its plan, else by its schedule or its epochs."""
    gate = context.learning_row
    short = row - context.baseline_row < SPARSE and not _rises(context, block, row)
    if row < gate if gate is not None else not short:
        return False
    place = Place.of(context, block, row)
    if place.done is not None:
        return place.done >= LATE
    if has_decayed(context, block, row):
        return True
    epoch = place.epoch
    if not isfinite(epoch) and context.steps_per_epoch:
        epoch = place.step / context.steps_per_epoch
    return epoch >= YOUNG_EPOCHS if isfinite(epoch) else has_waited(context, block, row)


def is_over(context: Context, block: Block, row: int) -> bool:
    """Return whether the training is over but for its last steps, by whatever tells it."""
    losses = block.before(context.train_loss, LOOKBACK, row + 1).values
    losses = finite(losses)
    if len(losses) >= 2 * _LAST and 0 <= median_of(losses[-_LAST:]) <= CONVERGED * losses[0]:
        return True
    done = Place.of(context, block, row).done
    return done >= ENDING if done is not None else has_decayed(context, block, row)


def has_decayed(context: Context, block: Block, row: int) -> bool:
    """Return whether the learning rate has been far below its peak for a third of the run.

    That of a cosine is so only at its end, and at the end of each cycle of one that restarts.
    """
    gate = context.learning_row
    samples = block.before(context.learning_rate, LOOKBACK, row + 1)
    rates = samples.values[samples.rows >= (row if gate is None else gate)]
    rates = finite(rates)
    if gate is None or not len(rates):
        return False
    low = rates <= DECAYED * max(float(rates.max()), context.positive("lr") or 0.0)
    return bool(low[-1] and low.mean() >= LATE)


def _patience(context: Context, gate: Place, times: float) -> float:
    """Return the steps that a run is given behind its gate."""
    planned = context.planned_steps
    if planned is None and context.planned_epochs and context.steps_per_epoch:
        planned = context.planned_epochs * context.steps_per_epoch
    if planned is None:
        return times * UNPLANNED_STEPS
    wanted = times * float(np.clip(SHARE * planned, LEAST_STEPS, MOST_STEPS))
    left = (planned - gate.step) if isfinite(gate.step) and gate.step < planned else planned
    return min(wanted, MOST_SHARE * left)


def _rate_share(context: Context, block: Block, gate: int, row: int) -> float:
    """Return the mean learning rate since the gate as a share of its peak; 1 if it is not told.

    A rate that has fallen from its peak counts as the peak: the run had its time.
    """
    samples = block.before(context.learning_rate, LOOKBACK, row + 1)
    rates = samples.values[samples.rows >= gate]
    rates = np.maximum.accumulate(finite(rates))
    return float(rates.mean() / rates[-1]) if len(rates) and rates[-1] > 0 else 1.0


def _rises(context: Context, block: Block, row: int) -> bool:
    """Return whether the learning rate is still rising, above all it has been."""
    rates = finite(block.before(context.learning_rate, LOOKBACK, row + 1).values)
    if len(rates) < 2:  # noqa: PLR2004 - one rate does not rise
        return False
    earlier = rates[: max(len(rates) - _RISE_OF, 1)]
    return bool(rates[-1] > earlier.max() * (1 + _RISEN))


def _last(places: Timeline, first: int, row: int) -> float:
    """Return the last place that is told from one row to another; NaN if none is."""
    place = float(places[row])
    if isfinite(place):  # as nearly always: no search
        return place
    column = places[first : row + 1]
    told = np.flatnonzero(np.isfinite(column))
    return float(column[told[-1]]) if len(told) else float("nan")
