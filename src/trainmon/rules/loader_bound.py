"""The run waits for the data loader.

Looks for
---------
The share of each step that is spent waiting for its batch.

Why it matters
--------------
Accelerators idle while they wait. A share of a third means that the same run could be half again
as fast, or cost a third less.

Fires when
----------
The waits are 5 % of the time of all steps in each of three windows in a row (info), or 20 %, not
counting the first batches of an epoch (warning). A window is 32 steps, or 8 records where each
stands for several steps. It says what limits the loader, where the log tells: the CPU is busy
(90 %, so that more workers do not help), it waits for storage (I/O wait of 30 %), or neither, which
speaks for too few workers or a lock.

Stays quiet
-----------
On single long waits, in fewer than a fifth of the steps (12 %, where they take 20 % of the time
all the same), which are `loader-spikes`. Never more than info where a wait takes less than 5 ms in
the mean, as in the training of a tiny model; where the GPU is 90 % busy all the same, as the waits
hide behind work that is queued; and where epochs are so short that the loader is still filling its
queues in most batches.

What to do
----------
CPU idle: more workers, then a larger prefetch. CPU busy: decode and augment on the GPU, or before
the training; smaller images. Storage: local disks, larger and fewer files. Epochs of a few batches:
`persistent_workers=True`.

Sources
-------
Mohan et al., Analyzing and Mitigating Data Stalls in DNN Training (VLDB 2021): 10 to 70 % of the
time of nine models was spent on waiting for data.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("loader-bound")
>>> [(d.event.row, d.event.severity.word) for d in replay(rule, rule.fires())]
[(287, 'warning')]
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.lasting import (
    WELL,
    Flags,
    Lasting,
    Windows,
    completes,
    follow,
    steps_apart,
    width_of,
    windows,
)
from trainmon.hardware.readings import as_share, at_cells, cells_at, gpus, usual
from trainmon.pace.waiting import Timed, steady_between, timed, timed_between
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule
from trainmon.store.batch import Floats, Record, Rows
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Course:
    """How the last windows were."""

    baseline_row: int = 0
    apart: float = 0.0
    """Steps that a record stands for; 0 until it is known."""
    lasting: Lasting = WELL


@dataclass(frozen=True)
class LoaderBound(Rule[Course]):
    """The share of the waits in the time of the steps."""

    id = "loader-bound"
    summary = "the run waits for its data loader; says whether CPU, storage or workers limit it"
    needs = (
        Need("data_time", (Role.DATA_TIME,), "for batch in log.batches(loader)"),
        Need("step_time", (Role.STEP_TIME,), "for batch in log.batches(loader)"),
    )
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "share": "share",
        "steady_share": "share",
        "frequency": "share",
        "data_time": "seconds",
        "step_time": "seconds",
        "cpu": "share",
        "io_wait": "share",
        "gpu_util": "share",
    }

    some: float = threshold(0.05, "of the time: worth knowing")
    much: float = threshold(0.2, "of the time: a quarter faster without it")
    over: float = threshold(0.025, "of the time: half of what is worth knowing")
    least: float = threshold(0.005, "seconds: shorter waits are those of models that take no time")
    frequent: float = threshold(0.2, "of the steps wait at all: fewer are single stalls")
    not_single: float = threshold(0.12, "of the steps wait, where all waits together are `much`")
    in_a_row: int = threshold(3, "windows, so that no single pause decides")
    busy: float = threshold(0.9, "of the CPU: no room for more workers")
    storage: float = threshold(0.3, "of the CPU's time waits for storage")
    hidden: float = threshold(0.9, "of the GPU's time in use: nothing waits")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: it is windows that are judged."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the time of a step, whose cells are counted."""
        return (context.step_time,) if context.step_time else ()

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Judge the windows that are complete now."""
        if state.baseline_row != context.baseline_row:
            state = Course(context.baseline_row, lasting=state.lasting.anew())
        digest = block.digest(context.step_time)
        if not len(digest):
            return state, []
        if not state.apart:
            state = replace(state, apart=steps_apart(block, digest))
        if context.data_time is None:
            return state, []
        if not completes(digest, block.start, width_of(state.apart)):
            return state, []
        every = windows(digest, block.start, width_of(state.apart))
        times = timed(context, block, every)
        share = times.share
        # A wait that is longer than its step was measured in another unit, or summed up.
        told = (share >= self.some) & (share <= 1)
        if state.lasting.is_still(told):
            return state, []
        often = self._often(context, block, every)
        levels = (told & (often >= self.frequent)).astype(np.int8)
        levels |= told & (share >= self.much) & (often >= self.not_single)
        if state.lasting.is_still(levels):
            return state, []
        # A share is no larger than the largest of what it is made of, as a rule far below it.
        if (times.waits >= self.much * times.steps).any():
            levels[levels > 0] += self._are_worse(context, block, every, times)[levels > 0]
        lasting, turns = follow(state.lasting, every, levels, share < self.over, self.in_a_row)
        events = []
        for turn in turns:
            evidence = self._evidence(context, block, *every.rows(turn.place, self.in_a_row))
            events.append(turn.event(_title(turn.kind, evidence), context.data_time, evidence))
        return replace(state, lasting=lasting), events

    def _are_worse(self, context: Context, block: Block, every: Windows, times: Timed) -> Flags:
        """Return in which windows full queues do not help, and a GPU idles meanwhile."""
        count = len(every.first)
        span = every.rows(0)[0], every.rows(count - 1)[1]
        steady = times.steady_share(steady_between(context, block, *span, count))
        long = times.waits.sum(axis=1) >= self.least * times.told.sum(axis=1)
        much: Flags = (steady >= self.much) & long
        if much.any():
            much &= ~_is_hidden(context, block, every.digest.rows[every.last], self.hidden)
        return much

    def _often(self, context: Context, block: Block, every: Windows) -> Floats:
        """Return which part of the steps waited over the last windows up to each."""
        earlier = every.first[0] - every.width * np.arange(self.in_a_row - 1, 0, -1)
        earlier = earlier[earlier >= 0]
        longer = replace(every, first=np.concatenate((earlier, every.first)))
        frequency = timed(context, block, longer).frequency
        total = frequency.copy()  # added one after the other, so that it is the same at any cut
        for back in range(1, self.in_a_row):
            total[back:] += frequency[:-back]
        often = total / np.minimum(np.arange(1, len(total) + 1), self.in_a_row)
        return np.asarray(often[len(earlier) :])

    def _evidence(self, context: Context, block: Block, first: int, last: int) -> dict[str, Any]:
        """Return the times from one row to another, and what may limit the loader there."""
        times = timed_between(context, block, first, last)
        steady = steady_between(context, block, first, last)
        evidence: dict[str, Any] = {
            "share": float(times.share[0]),
            "steady_share": float(times.steady_share(steady)[0]),
            "frequency": float(times.frequency[0]),
            "data_time": times.mean_wait,
            "step_time": times.mean_step,
            "num_workers": context.number("num_workers"),
            "prefetch_factor": context.number("prefetch_factor"),
            "cpu": usual(block, "sys/cpu", first, last),
            "io_wait": usual(block, "sys/io_wait", first, last),
            "gpu_util": _gpu_util(context, block, first, last),
        }
        evidence["limited_by"] = self._limit(evidence["cpu"], evidence["io_wait"])
        return {name: value for name, value in evidence.items() if value is not None}

    def _limit(self, cpu: float | None, io_wait: float | None) -> str | None:
        """Return what limits the loader, where the log tells."""
        if io_wait is not None and io_wait >= self.storage:
            return "storage"
        if cpu is None:
            return None
        return "cpu" if cpu >= self.busy else "workers"

    @staticmethod
    def fires() -> list[Record]:
        """Steps of 100 ms that wait 40 ms for their batch from the 200th on."""
        waits = np.random.default_rng(0).lognormal(np.log(0.002), 0.3, 400)
        waits[200:] += 0.04
        return _log(waits)

    @staticmethod
    def quiet() -> list[Record]:
        """Steps that wait for single batches, and for the first two of each epoch."""
        waits = np.random.default_rng(1).lognormal(np.log(0.002), 0.3, 400)
        waits[::50] += 0.3
        waits[1::50] += 0.2
        return _log(waits)


def _log(waits: Floats) -> list[Record]:
    return [
        {"step": step, "epoch": step // 50, "data_time": wait, "step_time": wait + 0.1}
        for step, wait in enumerate(waits.tolist())
    ]


def _is_hidden(context: Context, block: Block, rows: Rows, busy: float) -> NDArray[np.bool_]:
    """Return whether all GPUs that are used at all were this busy up to each of some rows."""
    least = np.full(len(rows), np.inf)
    for metrics in gpus(context).values():
        digest = block.digest(metrics.get("util"))
        util = as_share(at_cells(digest.median, cells_at(digest, rows)))
        least = np.where(util >= _USED, np.minimum(least, util), least)
    return np.asarray(np.isfinite(least) & (least >= busy))


def _gpu_util(context: Context, block: Block, first: int, last: int) -> float | None:
    """Return the median utilisation of the least busy GPU that is used at all."""
    told = (usual(block, metrics.get("util"), first, last) for metrics in gpus(context).values())
    return min((util for util in told if util is not None and util >= _USED), default=None)


_USED = 0.2
"""Utilisation below which a GPU belongs to somebody else, or to nobody."""


def _title(kind: EventKind, evidence: Mapping[str, Any]) -> str:
    share = evidence["share"]
    if kind == EventKind.CLEARED:
        return f"waits for data are down to {share:.1%} of the time"
    title = (
        f"steps wait for data {share:.0%} of the time "
        f"({evidence['data_time']:.2g} of {evidence['step_time']:.2g} s)"
    )
    words = {
        "cpu": f"the CPU is {evidence.get('cpu', 0):.0%} busy",
        "storage": f"the CPU waits for storage {evidence.get('io_wait', 0):.0%} of the time",
        "workers": "the CPU has room",
    }
    limit = evidence.get("limited_by")
    return f"{title}; {words[limit]}" if limit else title
