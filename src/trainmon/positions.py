"""Where records stand: runs told apart, steps counted through, evaluations put where they belong.

Logs count in many ways. A step that goes back to where the run began is another run in the same
file; one that goes back a little is a resume, and stays as it is: the lane marks it. Where the
epoch went on meanwhile, the steps are counted within each epoch, and are counted through here.
"""

from collections.abc import Collection
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trainmon.source import Part
from trainmon.store.batch import Batch, Floats
from trainmon.store.rows import cut, with_steps

Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

_START = 2.0
"""Intervals between records by which another run may begin later than the one before: a log of
every 50 steps may be followed by one of every 100."""

_SHORT_RUN = 2
"""Records of a run that may be but a moment between two writers of one file."""

_SHORT_RUNS = 8
"""Such runs in a row that show that several writers share the file: they are no runs then."""

_BACK_TO_START = 0.5
"""Share of the steps done that must be undone at least, or a short run resumed would be another."""


class Positions:
    """Follows the positions of one log's records. Owned by its source.

    However the records are cut into batches, they come out alike. With `one_an_epoch` a step that
    stays what it was while the epoch changed is counted within epochs, too: a log with one record
    an epoch looks like that.
    """

    def __init__(self, *, one_an_epoch: bool = False) -> None:
        self._one_an_epoch = one_an_epoch
        self._short_runs = 0
        self._begin_run()

    def place(
        self, batch: Batch, *, begins: Collection[int] = (), elsewhere: Mask | None = None
    ) -> list[Part]:
        """Return a batch with its records where they belong, cut where a new run begins.

        `begins` are rows that begin a run for certain. `elsewhere` marks the rows whose step counts
        something else, such as batches of a validation: they stand at the last step before them.
        """
        steps = batch.steps.copy()
        if elsewhere is not None:
            steps[elsewhere] = np.nan
        counted = ~np.isnan(steps)
        counted[[event.row for event in batch.events]] = False
        rows = np.flatnonzero(counted)
        turns = rows[self._turns(steps[rows], batch.epochs[rows])].tolist()
        borders = []
        for start, stop in pairwise(sorted({0, *begins, *turns, batch.n_rows})):
            first, last = np.searchsorted(rows, (start, stop))
            here = rows[first:last]
            epochs = _carried(batch.epochs[here], self._last_epoch)
            turns_back = bool(len(here)) and self._turn(steps[here[0]], epochs[0])
            if start in begins or (turns_back and self._short_runs < _SHORT_RUNS):
                self._short_runs = self._short_runs + 1 if self._counted <= _SHORT_RUN else 0
                self._begin_run()
                borders.append(start)
                epochs = _carried(batch.epochs[here], np.nan)
            if len(here):
                self._count(steps, here, epochs)
                self._counted += len(here)
            if elsewhere is not None:
                self._fill(steps, np.flatnonzero(elsewhere[start:stop]) + start, here)
            if len(here):
                self._last_global = float(steps[here[-1]])
        placed = with_steps(batch, steps)
        cuts = sorted({0, *borders, batch.n_rows})
        return [Part(cut(placed, a, b), begins_run=a in borders) for a, b in pairwise(cuts)]

    def _begin_run(self) -> None:
        self._counted = 0
        self._first = self._interval = self._first_epoch = float("nan")
        self._last_step = self._last_global = float("nan")
        self._last_epoch: float = float("nan")
        self._within_epochs = False
        self._longest = 0.0  # the largest step that an epoch reached
        self._offset = 0.0
        self._offsets: dict[float, float] = {}  # by epoch, where steps are counted within epochs

    def _turns(self, steps: Floats, epochs: Floats) -> Mask:
        """Return at which of the steps anything but counting on may happen."""
        epochs = np.floor(_carried(epochs, self._last_epoch))
        step_before = np.concatenate(([self._last_step], steps))[:-1]
        epoch_before = np.concatenate(([np.floor(self._last_epoch)], epochs))[:-1]
        stays = (steps == step_before) & (epochs < epoch_before)
        turns: Mask = (steps < step_before) | (epochs > epoch_before) | stays
        return turns

    def _turn(self, step: float, epoch: float) -> bool:
        """Take in a step that may not just count on; return whether it begins another run."""
        back = step < self._last_step
        whole = float(np.floor(epoch))
        if self._one_an_epoch and step == self._last_step:
            back = abs(whole - np.floor(self._last_epoch)) > 0  # not where no epoch is told
        self._within_epochs |= back and epoch > self._last_epoch
        if self._within_epochs and whole > np.floor(self._last_epoch):
            self._offset = self._offsets[whole] = self._offset + self._longest
            return False
        if not back or epoch > self._last_epoch:
            return False
        if not self._within_epochs:
            return self._near_start(step)
        if whole <= self._first_epoch and self._near_start(step):
            return True
        self._offset = self._offsets.get(whole, self._offset)
        return False

    def _near_start(self, step: float) -> bool:
        interval = 0.0 if np.isnan(self._interval) else self._interval
        if step <= self._first:
            return True
        done = max(self._longest, self._last_step) - self._first
        near = step <= self._first + _START * interval
        return bool(near and step - self._first <= (1 - _BACK_TO_START) * done)

    def _count(self, steps: Floats, rows: Indices, epochs: Floats) -> None:
        """Count some consecutive steps through, in place, and remember where they ended."""
        local = steps[rows]
        if np.isnan(self._first):
            self._first = float(local[0])
        if np.isnan(self._interval):
            rises = np.diff(local, prepend=self._last_step)
            self._interval = next(iter(rises[rises > 0].tolist()), np.nan)
        if np.isnan(self._first_epoch):
            told = np.floor(epochs[~np.isnan(epochs)])
            self._first_epoch = next(iter(told.tolist()), np.nan)
            self._offsets.setdefault(self._first_epoch, 0.0)
        self._longest = max(self._longest, float(local.max()))
        self._last_step, self._last_epoch = float(local[-1]), float(epochs[-1])
        steps[rows] += self._offset

    def _fill(self, steps: Floats, wanting: Indices, counted: Indices) -> None:
        """Let some rows stand at the last counted step before each, in place."""
        at = np.searchsorted(counted, wanting)
        known = np.concatenate(([self._last_global], steps[counted]))
        steps[wanting] = known[at]


def _carried(values: Floats, before: float) -> Floats:
    """Return values of which each gap is filled with the last one before it."""
    known = np.concatenate(([before], values))
    at = np.where(np.isnan(known), 0, np.arange(len(known)))
    carried: Floats = known[np.maximum.accumulate(at)][1:]
    return carried
