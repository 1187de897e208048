"""Single steps take far longer than the others, and not for want of a batch.

Looks for
---------
Steps whose time, less the wait for the batch, is far above the usual one.

Why it matters
--------------
Nothing in the loss shows it. Of a job on many accelerators the slowest one sets the pace, so that
one that pauses for a second makes all of them pause.

Fires when
----------
A step counts as a spike when its work (`step_time` less `data_time`) is longer than 8 times the
median of the 192 before it, than the median plus 12 MAD, than what the spread of their logarithms
makes likely (5 MAD), and than 10 ms. Five spikes that are 0.2 % of the steps are info; it is a
warning when the time they took beyond the median is 3 % of the wall time of the last 1,000 steps,
or when they are 5 % of those steps, not counting those of less than 50 ms, which a busy CPU takes
from any process. It names the period if more than 80 % of the gaps between spikes lie within a
tenth of the median gap of its multiples, and what the period matches. How many of the spikes stand
at a checkpoint is told; where most of them do it is never more than info.

Stays quiet
-----------
On the first steps, in which kernels are compiled; on the first step of an epoch and on those that
an evaluation is part of, before or behind it, unless most such steps take no longer than others; on
times whose logarithms vary as much.

What to do
----------
At a period: look at what the loop does then (`empty_cache`, logging of images, garbage collection:
`gc.disable()` and `gc.collect()` at a step of your choice). At checkpoints: save more rarely, or in
the background. Without a period: shapes that change make compilers and autotuners begin anew
(`torch._logging.set_logs(recompiles=True)`, pad to few lengths); else look for a neighbour.

Sources
-------
The test is that of `loader-spikes`. Collections of all ranks at one step are told of by Meta (Llama
3, 2024, section 3.3.4) and are an option of torchtitan.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("step-spikes")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, last.evidence["period"]
('warning', 25.0)
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.record import EventKind as LogEventKind
from trainmon.roles import Role
from trainmon.rule import Block, Need
from trainmon.spikes.pattern import Spike, pattern
from trainmon.spikes.readings import worst
from trainmon.spikes.usual import Duration
from trainmon.spikes.watch import SpikeRule
from trainmon.store.batch import Record, Rows
from trainmon.threshold import threshold


@dataclass(frozen=True)
class StepSpikes(SpikeRule):
    """Single long steps."""

    id = "step-spikes"
    summary = "single steps take far longer than the others, and not for want of a batch"
    noun = "long step"
    key = "step_time"
    needs = (Need("step_time", (Role.STEP_TIME,), "for batch in log.batches(loader)"),)
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "median": "seconds",
        "max": "seconds",
        "wait": "seconds",
        "rate": "share",
        "time_share": "share",
        "at_checkpoints": "share",
        "cpu": "share",
        "io_wait": "share",
        "mem_share": "share",
        "gpu_util": "share",
        "gpu_mem_share": "share",
    }

    log_deviations: float = threshold(
        5.0, "MAD of the logarithms: lengths of texts vary by factors"
    )
    felt: float = threshold(0.05, "seconds: a busy CPU takes as much from any process; info alone")
    mostly: float = threshold(0.5, "of the spikes at checkpoints: saving is what takes the time")

    def duration(self, context: Context) -> Duration | None:
        """Return the time of a step, less the wait for its batch."""
        return Duration(context.step_time, context.data_time) if context.step_time else None

    def is_ordinary(self, context: Context, block: Block, row: int) -> bool:
        """Return whether the step opens an epoch or holds an evaluation, as long ones usually do.

        Where most steps that did so before took no longer than others it is something else.
        """
        every = block.lane.samples(context.step_time)
        (at,) = every.positions(row)
        first = max(at - self.window, every.positions(block.baseline_row)[0])
        evaluated, opening = _openings(context, block, first, at + 1)
        # Evaluations are compared with evaluations: there may be one in every fifth epoch.
        alike = evaluated if evaluated[-1] else opening & ~evaluated
        if not alike[-1]:
            return False
        before = np.flatnonzero(alike[:-1])[-_OPENINGS:] + first
        if len(before) < _FEWEST_OPENINGS:
            return True
        duration = Duration(str(context.step_time), context.data_time)
        work = duration.at(block, every.rows[before], every.values[before])
        usual = duration.at(block, every.rows[first:at], every.values[first:at])
        long = work > self.times_median * float(np.nanmedian(usual))
        return bool(long.mean() >= self.mostly)

    def settled(self, spikes: tuple[Spike, ...], context: Context, block: Block) -> Sequence[Spike]:
        """Return those that no evaluation came behind, as some loops take the time after it."""
        every = block.lane.samples(context.step_time)
        following = (every.positions(spike.row + 1)[0] for spike in spikes)
        return tuple(
            spike
            for spike, at in zip(spikes, following, strict=True)
            if not _evaluated(context, block, spike.row + 1, int(every.rows[at]))
        )

    def is_mild(self, spikes: Sequence[Spike], context: Context, block: Block) -> bool:
        """Return whether most of them are the saving of checkpoints, as somebody wished."""
        return _at_checkpoints(spikes, context, block) > self.mostly

    def told(
        self, spikes: Sequence[Spike], context: Context, block: Block, row: int
    ) -> dict[str, Any]:
        """Return the worst spikes, their spacing, and how many stand at checkpoints."""
        evidence = {
            **worst(spikes, context, block, row, self.key),
            **pattern(spikes, context, block, row),
            "at_checkpoints": _at_checkpoints(spikes, context, block),
        }
        if evidence["at_checkpoints"] > self.mostly:
            evidence["matches"] = "the checkpoints"
        return evidence

    def title(self, evidence: Mapping[str, Any]) -> str:
        """Return how many steps were long, and how long."""
        title = (
            f"{evidence['spikes']} of {evidence['batches']} steps took "
            f"up to {evidence['max']:.2g} s (median {evidence['median']:.2g} s) beside the loader"
        )
        if evidence.get("matches") == "the checkpoints":
            return f"{title}, at checkpoints"
        return f"{title}, every {evidence['period']:.3g} steps" if "period" in evidence else title

    @staticmethod
    def fires() -> list[Record]:
        """Steps of 100 ms, of which every 25th takes 1.5 s."""
        work = np.random.default_rng(0).lognormal(np.log(0.1), 0.05, 400)
        work[24::25] = 1.5
        return _log(work)

    @staticmethod
    def quiet() -> list[Record]:
        """Steps that wait for their batch now and then, and whose work varies by factors."""
        work = np.random.default_rng(1).lognormal(np.log(0.1), 0.4, 400)
        waits = np.where(np.arange(400) % 20 == 19, 2.0, 0.002)
        return _log(work, waits)


def _log(work: Any, waits: Any = 0.002) -> list[Record]:  # noqa: ANN401 - arrays or one number
    waits = np.broadcast_to(waits, work.shape)
    times = 1e9 + np.cumsum(work + waits)
    rows: Iterator[tuple[float, ...]] = zip(
        times.tolist(), waits.tolist(), (work + waits).tolist(), strict=True
    )
    return [
        {"step": step, "time": time, "data_time": wait, "step_time": whole}
        for step, (time, wait, whole) in enumerate(rows)
    ]


_OPENINGS = 16
"""Steps that opened an epoch or held an evaluation that a further one is compared with."""

_FEWEST_OPENINGS = 3
"""Such steps from which on it is known whether they are long."""


def _openings(
    context: Context, block: Block, first: int, last: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of some steps an evaluation is told before, and which open an epoch."""
    rows = block.lane.samples(context.step_time).rows[max(0, first - 1) : last]
    if not first:
        rows = np.concatenate((rows[:1], rows))
    opening = np.abs(np.diff(np.floor(block.lane.epochs[rows]))) > 0
    evaluated = np.zeros(len(opening), np.bool_)
    for told in _evaluations(context, block, int(rows[0]) + 1, int(rows[-1]) + 1):
        evaluated[np.searchsorted(rows[1:], told)] = True
    return evaluated, np.asarray(opening)


def _evaluated(context: Context, block: Block, start: int, stop: int) -> bool:
    """Return whether an evaluation is told in some rows, by its metrics or as an event."""
    return any(len(rows) for rows in _evaluations(context, block, start, stop))


def _evaluations(context: Context, block: Block, start: int, stop: int) -> Iterator[Rows]:
    """Yield the rows from one to another that tell of evaluations, by metrics and as events."""
    for name in context.names(Role.VAL_LOSS, Role.VAL_METRIC)[:_METRICS]:
        every = block.lane.samples(name)
        first, last = every.positions(start, stop)
        yield every.rows[first:last]
    yield np.array(_rows_of(block, LogEventKind.EVALUATION, start, stop), np.int32)


_METRICS = 8
"""Metrics of an evaluation that are looked for: they come together."""


def _at_checkpoints(spikes: Sequence[Spike], context: Context, block: Block) -> float:
    """Return the share of spikes that a checkpoint is told next to, from one step to the next.

    What comes behind the last one is not known yet.
    """
    every = block.lane.samples(context.step_time)
    near = []
    for spike in spikes:
        (at,) = every.positions(spike.row)
        before = int(every.rows[at - 1]) if at else 0
        behind = spike.row if spike is spikes[-1] else int(every.rows[at + 1])
        near.append(bool(_rows_of(block, LogEventKind.CHECKPOINT, before, behind)))
    return sum(near) / len(near)


def _rows_of(block: Block, kind: str, start: int, stop: int) -> list[int]:
    """Return the rows from one to another that hold an event of a kind."""
    every = block.lane.events
    begin, end = (bisect_left(every, row, key=lambda event: event.row) for row in (start, stop))
    return [event.row for event in every[begin:end] if event.kind == kind]
