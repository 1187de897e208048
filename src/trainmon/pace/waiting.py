"""How much of the time of steps is the wait for their batches, over windows of steps."""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import Windows
from trainmon.rule import Block
from trainmon.store.batch import Floats

_TORCH_PREFETCH = 2
"""Batches that torch's DataLoader prefetches per worker when nothing is said."""

_MOST_READY = 16
"""Batches after which a loader is taken to have filled its queues, however many it may hold."""

_UNKNOWN_READY = 8
"""Batches that a loader holds ready where nothing is said of it: of 4 workers."""


@dataclass(frozen=True, slots=True)
class Timed:
    """The times of steps, in rows of windows; 0 where one of them is not told."""

    waits: Floats
    steps: Floats
    told: Floats
    """1 where both are."""

    @classmethod
    def of(cls, context: Context, block: Block, begin: int, end: int, count: int) -> "Timed":
        """Return the times of the steps from one place of their metric to another, in windows."""
        every = block.lane.samples(context.step_time)
        data = block.lane.samples(context.data_time)
        rows, steps = every.rows[begin:end], every.values[begin:end]
        # Metrics that always come together share their rows.
        together = data.rows is every.rows
        waits = data.values[begin:end] if together else data.at(rows, np.nan)
        if isfinite(np.add.reduce(waits) + np.add.reduce(steps)):
            told = np.ones((count, len(steps) // count))
            return cls(waits.reshape(told.shape), steps.reshape(told.shape), told)
        here = np.isfinite(waits + steps)
        tables = np.where(here, waits, 0.0), np.where(here, steps, 0.0), here.astype(np.float64)
        return cls(*(table.reshape(count, -1) for table in tables))

    @property
    def mean_wait(self) -> float:
        """The mean wait in all windows, in seconds."""
        return float(self.waits.sum() / max(1.0, self.told.sum()))

    @property
    def mean_step(self) -> float:
        """The mean time of a step in all windows, in seconds."""
        return float(self.steps.sum() / max(1.0, self.told.sum()))

    @property
    def share(self) -> Floats:
        """The share of the waits in each window."""
        return np.asarray(np.add.reduce(self.waits, axis=1) / np.add.reduce(self.steps, axis=1))

    @property
    def frequency(self) -> Floats:
        """The share of each window's steps whose wait is a part of a step that is worth a word."""
        told = np.maximum(1.0, np.add.reduce(self.told, axis=1))
        usual = np.add.reduce(self.steps, axis=1) / told
        long = self.waits >= _FELT * usual[:, None]
        return np.asarray(np.count_nonzero(long, axis=1) / long.shape[1])

    def steady_share(self, steady: Floats) -> Floats:
        """Return the share where the loader's queues are full; 0 where that is hardly ever so.

        `steady` is 1 where they are.
        """
        share = (self.waits * steady).sum(axis=1) / (self.steps * steady).sum(axis=1)
        return np.where((steady * self.told).mean(axis=1) >= _ENOUGH, share, 0.0)


_FELT = 0.05
"""Of the time of a step: shorter waits are lost in it."""

_ENOUGH = 0.25
"""Of a window's batches: fewer show no steady state."""


def timed(context: Context, block: Block, every: Windows) -> Timed:
    """Return the times of the steps of some windows, which are of the step time's cells."""
    first, last = every.rows(0)[0], every.rows(len(every.first) - 1)[1]
    begin, end = block.lane.samples(context.step_time).positions(first, last + 1)
    return Timed.of(context, block, begin, end, len(every.first))


def timed_between(context: Context, block: Block, first: int, last: int) -> Timed:
    """Return the times of the steps from one row to another as one window."""
    begin, end = block.lane.samples(context.step_time).positions(first, last + 1)
    return Timed.of(context, block, begin, end, 1)


def steady_between(context: Context, block: Block, first: int, last: int, count: int = 1) -> Floats:
    """Return 1 where the loader has had its queues full since the epoch began, in windows.

    The windows are so many, of equal length, from one row to another.
    """
    begin, end = block.lane.samples(context.step_time).positions(first, last + 1)
    steady = _since_opening(context, block, begin, end) >= _ready(context)
    return np.asarray(steady, np.float64).reshape(count, -1)


def _since_opening(context: Context, block: Block, begin: int, end: int) -> Floats:
    """Return how many steps each of some lies behind the first of its epoch, as far as known.

    An epoch begins where its number changes, or where one batch has a wait and no step time: so a
    writer's loop tells it.
    """
    every = block.lane.samples(context.step_time)
    start = max(0, begin - _MOST_READY - 2)
    rows = every.rows[start:end]
    whole = np.floor(block.lane.epochs[rows])
    opens = np.zeros(len(rows), np.bool_)
    opens[1:] = np.abs(np.diff(whole)) > 0
    passed = np.diff(np.searchsorted(block.lane.samples(context.data_time).rows, rows))
    opens[2:] |= (passed[1:] == 2) & (passed[:-1] == 1)  # noqa: PLR2004 - one more than usual
    places, steps = np.arange(len(rows)), block.lane.steps[rows]
    last = np.maximum.accumulate(np.where(opens, places, -1))
    # A record may stand for several steps; where none are told it is one.
    since = np.fmax(places - last, steps - steps[last])
    return np.where(last >= 0, since, np.inf)[begin - start :]


def _ready(context: Context) -> float:
    """Return how many batches the loader holds ready when its queues are full."""
    workers = context.number("num_workers")
    if workers is None:
        return _UNKNOWN_READY
    prefetch = context.positive("prefetch_factor") or _TORCH_PREFETCH
    return min(_MOST_READY, max(0.0, workers) * prefetch)
