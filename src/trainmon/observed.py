"""What the curves of a run tell of its plan: when the warm-up ended, how long an epoch is.

It is found out step by step from what has been logged so far, at every eighth row and later more
rarely, until all is known; from a new baseline on the warm-up is looked for anew. Every change is a
turn of the context.
"""

from dataclasses import dataclass, replace

import numpy as np

from trainmon.finite import finite
from trainmon.roles import COUNTS_UP_AT, counts_up
from trainmon.smoothness import is_smoothed
from trainmon.store.batch import Floats
from trainmon.store.lane import Lane

_STRIDE = 8
"""Rows between two looks at first: few enough for short logs."""

_LATER = 32
"""Part of the rows since the baseline between two looks later on: a look costs as much as ten
records, and so a few hundred looks do for any log."""

GATE_STEPS = 100.0
"""Steps of training behind the warm-up before anything is said of learning."""

GATE_EPOCH = 0.25
"""Of an epoch, likewise; the larger of both counts."""

_RISEN = 0.001
"""Of the learning rate: less is no rise and no fall."""

_PAUSE = 0.25
"""Of the samples of the rise so far: a pause as long as this ends it; rates may rise in stairs."""

_FEWEST_FLAT = 4
"""Samples of a learning rate that must not have risen, at least."""

_HALF = 0.5
"""Of the configured rate: from here on a run learns, whatever comes."""

_AN_EPOCH = 1.1
"""Epochs without a rise: rates that rise once an epoch rest for one."""

_OVERDUE = 2.0
"""Times the warm-up that is told: what rises still is none, even where it counts every second
batch."""

_OF_PLAN = 0.5
"""Of the planned steps: no warm-up takes more, where none is told."""

_LOW_FOR = 256
"""Samples of a rate that stands below half of the configured one: by then it is no warm-up."""

_LOOKED_AT = 1_024
"""Samples looked at, from the last one back."""

_SMOOTH_AT = (32, 64, 128, 256)
"""Samples of the train loss after which it is asked whether they are an average already."""

_GIVEN_UP = 100_000
"""Rows after a baseline from which on what is not known will not be."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known so far; None where it is not."""

    warm_row: int | None = None
    """The row at which the learning rate had risen, or the run began if it never rises."""
    learning_row: int | None = None
    """The row from which on it may be asked whether the run learns."""
    steps_per_epoch: float | None = None
    epoch_records: bool | None = None
    """Whether each record is an epoch."""
    smoothed: bool | None = None
    """Whether the logged train loss is an average of steps already."""
    counts_up: bool | None = None
    """Whether what is called the time of a step is the time so far."""

    def anew(self) -> "Observed":
        """Return what stays known at a new baseline."""
        return replace(self, warm_row=None, learning_row=None)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the configuration and the roles tell that a look needs."""

    baseline_row: int
    train_loss: str | None
    learning_rate: str | None
    peak: float | None
    """The configured learning rate."""
    warmup_steps: float | None
    steps_per_epoch: float | None
    """As the configuration tells it."""
    steps: float | None = None
    """The length of the run in steps."""
    step_time: str | None = None

    @property
    def warmup_overdue(self) -> float | None:
        """Return the step behind which a rate that still rises is in no warm-up any more.

        A warm-up that is told to last longer than the whole run is a mistake, and excuses nothing.
        """
        if self.warmup_steps and not (self.steps and self.warmup_steps > self.steps):
            return _OVERDUE * self.warmup_steps
        return _OF_PLAN * self.steps if self.steps else None


def next_look(row: int, baseline_row: int) -> int:
    """Return the row of the look after that at `row`: the same whatever has been read."""
    return row + max(_STRIDE, (row - baseline_row) // _LATER)


def look(lane: Lane, row: int, plan: Plan, known: Observed) -> Observed:
    """Return what is known with the rows before `row`."""
    if known.steps_per_epoch is None or known.epoch_records is None:
        known = _with_epochs(lane, row, known)
    if known.smoothed is None:
        known = _with_smoothing(lane, row, plan, known)
    if known.counts_up is None:
        known = _with_time(lane, row, plan, known)
    if known.warm_row is None:
        warm = _warm_row(lane, row, plan, known)
        known = replace(known, warm_row=warm)
    if known.warm_row is not None and known.learning_row is None:
        known = replace(known, learning_row=_learning_row(lane, row, plan, known))
    return known


def is_settled(known: Observed, row: int, baseline_row: int) -> bool:
    """Return whether another look would change nothing."""
    whole = None not in (known.steps_per_epoch, known.smoothed, known.learning_row)
    return whole or row - baseline_row > _GIVEN_UP


def _with_epochs(lane: Lane, row: int, known: Observed) -> Observed:
    """Return it with the length of an epoch, from the first two borders or a whole epoch."""
    first = max(0, row - _LOOKED_AT)
    epochs, steps = lane.epochs[first:row], lane.steps[first:row]
    told = np.isfinite(epochs)
    whole = epochs[told]
    if len(whole) < _STRIDE // 2:
        return known
    if known.epoch_records is None and (whole == np.round(whole)).all():
        new = np.diff(whole) > 0
        known = replace(known, epoch_records=bool(new.mean() > _HALF))
    elif known.epoch_records is None:
        known = replace(known, epoch_records=False)
    both = told & np.isfinite(steps)
    epochs, steps = epochs[both], steps[both]
    if known.steps_per_epoch is not None or len(epochs) < _STRIDE // 2:
        return known
    if (epochs == np.round(epochs)).all():
        borders = np.flatnonzero(np.diff(epochs) > 0) + 1
        if len(borders) < 2:  # noqa: PLR2004 - an epoch lies between two borders
            return known
        epochs, steps = epochs[borders], steps[borders]
    length, passed = epochs[-1] - epochs[0], steps[-1] - steps[0]
    if length < GATE_EPOCH or passed <= 0:
        return known
    return replace(known, steps_per_epoch=float(passed / length))


def _with_smoothing(lane: Lane, row: int, plan: Plan, known: Observed) -> Observed:
    every = lane.samples(plan.train_loss)
    first, last = every.positions(plan.baseline_row, row)
    count = last - first
    if count < _SMOOTH_AT[0]:
        return known
    wanted = max(size for size in _SMOOTH_AT if size <= count)
    values = every.values[first : first + wanted]
    values = finite(values)
    if len(values) < _SMOOTH_AT[0] // 2:
        return known
    smoothed = is_smoothed(values)
    # Of a steep beginning nobody can tell; a rough one is rough.
    sure = not smoothed or count >= _SMOOTH_AT[-1]
    if smoothed and sure:  # the later half has to look like an average by itself
        smoothed = is_smoothed(values[len(values) // 2 :])
    return replace(known, smoothed=smoothed) if sure else known


def _with_time(lane: Lane, row: int, plan: Plan, known: Observed) -> Observed:
    every = lane.samples(plan.step_time)
    (last,) = every.positions(row)
    if last < COUNTS_UP_AT:
        return known
    return replace(known, counts_up=counts_up(every.values[:COUNTS_UP_AT]))


def _warm_row(lane: Lane, row: int, plan: Plan, known: Observed) -> int | None:
    """Return the row at which the warm-up ended, or None while it goes on."""
    every = lane.samples(plan.learning_rate)
    first, last = every.positions(plan.baseline_row, row)
    rates = every.values[first:last]
    rates = np.where(np.isfinite(rates), rates, 0.0)
    if not len(rates):
        return _row_of_step(lane, row, plan, plan.warmup_steps or 0.0)
    if len(rates) < _FEWEST_FLAT:
        return None
    top = int(np.argmax(rates))
    if rates[0] >= rates[top] * (1 - _RISEN):
        low, few = plan.peak is not None and rates[top] < _HALF * plan.peak, len(rates) < _LOW_FOR
        return _row_of_overdue(lane, row, plan) if low and few else plan.baseline_row
    half = np.flatnonzero(rates >= _HALF * (plan.peak or np.inf))
    if len(half):
        return int(every.rows[first + half[0]])
    pause = len(rates) - 1 - top
    fallen = rates[-1] < rates[top] * (1 - _RISEN)
    epoch = known.steps_per_epoch or plan.steps_per_epoch
    since = np.array([every.rows[first + top], every.rows[last - 1]])
    begun, now = lane.steps[since].tolist()
    within = epoch is not None and now - begun <= _AN_EPOCH * epoch
    paused = pause >= max(_FEWEST_FLAT, _PAUSE * top) and not within
    if fallen or paused:
        return int(every.rows[first + top])
    return _row_of_overdue(lane, row, plan)


def _row_of_overdue(lane: Lane, row: int, plan: Plan) -> int | None:
    """Return the first row at which a warm-up had to be over, from the baseline on."""
    overdue = plan.warmup_overdue
    if overdue is None:
        return None
    steps = lane.steps[plan.baseline_row : row]
    begun = float(steps[0]) if plan.baseline_row and len(steps) else 0.0
    reached = np.flatnonzero(steps - begun >= overdue)
    return plan.baseline_row + int(reached[0]) if len(reached) else None


def _learning_row(lane: Lane, row: int, plan: Plan, known: Observed) -> int | None:
    """Return the first row that is far enough behind the warm-up, if it has come."""
    warm = int(known.warm_row or 0)
    epoch = plan.steps_per_epoch or known.steps_per_epoch
    steps = lane.steps[warm:row]
    told = finite(steps)
    if not len(told):
        return _row_of_epoch(lane, warm, row)
    wait = max(GATE_STEPS, GATE_EPOCH * (epoch or 0.0))
    begin = 0.0 if warm <= plan.baseline_row and not plan.baseline_row else float(told[0])
    reached = np.flatnonzero(steps >= begin + wait)
    return warm + int(reached[0]) if len(reached) else None


def _row_of_epoch(lane: Lane, warm: int, row: int) -> int | None:
    """Return where a quarter of an epoch is over, or 100 records where no epochs are told."""
    epochs: Floats = lane.epochs[warm:row]
    told = np.flatnonzero(np.isfinite(epochs))
    if not len(told):
        return warm + int(GATE_STEPS) if row - warm > GATE_STEPS else None
    reached = told[epochs[told] >= epochs[told[0]] + GATE_EPOCH]
    return warm + int(reached[0]) if len(reached) else None


def _row_of_step(lane: Lane, row: int, plan: Plan, wanted: float) -> int | None:
    """Return the first row at or behind so many steps of training."""
    if wanted <= 0:
        return plan.baseline_row
    steps = lane.steps[plan.baseline_row : row]
    reached = np.flatnonzero(steps >= wanted)
    return plan.baseline_row + int(reached[0]) if len(reached) else None
