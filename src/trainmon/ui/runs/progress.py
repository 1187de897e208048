"""How far a run is, how fast it goes, and how long it still takes."""

from dataclasses import dataclass
from math import floor, inf, isfinite, nan

import numpy as np

from trainmon.view import RunView, Status

_RECENT_SECONDS = 10.0
"""Time over which the pace is taken at least, as far as rows reach back."""

_MOST_ROWS = 20_000
"""Rows looked back over for that time: bounded, since this is done at each redraw."""

_RECENT_ROWS = 200
"""Rows over which the pace is taken: recent enough to follow a change, long enough to be calm."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands; what the log does not tell is None."""

    step: float | None
    total: float | None
    epoch: float | None
    rate: float | None
    """Steps per second."""
    left: float | None
    """Seconds until the planned end; None unless the run is known to go on."""

    @property
    def share(self) -> float | None:
        """The part that is done, from 0 to 1."""
        if self.step is None or not self.total:
            return None
        return min(1.0, max(0.0, self.step / self.total))


def progress(run: RunView) -> Progress:
    """Return where a run stands, from its last rows and its configuration."""
    step, epoch = run.reached
    total = run.context.planned_steps
    planned_epochs = run.context.planned_epochs
    if total is None and planned_epochs and step and epoch is not None:
        total = planned_epochs * _epoch_length(run, step, epoch)
    if total is not None and not 0 < total < inf:  # no plan of anybody: a mistake in the log
        total = None
    rate = _pace(run)
    left = None
    if total and step is not None and rate and run.status is Status.RUNNING:
        left = (total - step) / rate
    return Progress(step, total, epoch, rate, left if left is None else max(0.0, left))


def _epoch_length(run: RunView, step: float, epoch: float) -> float:
    """Return the steps of an epoch; 0 where that cannot be told yet.

    Where evaluations alone tell the epoch, it is as old as the last of them: so is the step to
    hold beside it, or the end would seem to move away until the next evaluation.
    """
    observed = run.context.observed.steps_per_epoch
    if observed and epoch == floor(epoch):
        return observed
    told = np.flatnonzero(np.isfinite(run.drawn.epochs[-_MOST_ROWS:]))
    steps = run.drawn.steps[-_MOST_ROWS:]
    there = float(steps[told[-1]]) if len(told) else nan
    return (there if isfinite(there) else step) / epoch if epoch > 0 else 0.0


def _pace(run: RunView) -> float | None:
    """Return the steps per second over the last rows; None for a run that goes no further."""
    if run.status not in {Status.RUNNING, Status.UNKNOWN, Status.FINISHED}:
        return None
    steps, times = run.drawn.steps[-_MOST_ROWS:], run.drawn.times[-_MOST_ROWS:]
    told = np.isfinite(steps) & np.isfinite(times)
    steps, times = steps[told], times[told]
    if len(steps) <= 1:
        return None
    # Rows may come in bursts that bear nearly one time: a pace needs seconds, not only rows.
    first = min(len(steps) - _RECENT_ROWS, int(np.searchsorted(times, times[-1] - _RECENT_SECONDS)))
    first = max(0, first)
    if times[-1] <= times[first] or steps[-1] <= steps[first]:
        return None
    return float((steps[-1] - steps[first]) / (times[-1] - times[first]))
