"""The data loader stalls now and then.

Looks for
---------
Single waits for a batch that are far longer than the usual one.

Why it matters
--------------
The accelerators idle through each of them. Averages hide it: a loader that is quick 11 times and
stalls for 300 ms at the twelfth looks fast.

Fires when
----------
A wait counts as a spike when it is longer than 8 times the median of the 192 before it, than the
median plus 12 MAD, and than 10 ms or the configured `loader_spike_threshold`. Five spikes that are
0.2 % of the batches are info; it is a warning when the time they took beyond the median is 3 % of
the wall time of the last 1,000 batches, or when they are 5 % of those batches; where no threshold
is configured those of less than 30 ms do not count for that, as a busy CPU takes as much from any
process. Three are enough where they took 6 % of the time of 250 batches. It names the period if
more than 80 % of the gaps between spikes lie within a tenth of the median gap of its multiples, and
what the period matches: workers, prefetched batches, shards, checkpoints, evaluations. It tells the
five worst with the machine at their time, from what is logged and from `spike` events, and how much
the loader holds ready.

Stays quiet
-----------
On the first batches of an epoch, where workers start; on steady waits however long (that is a
loader-bound run); on the tails of log-normal waits, on which three-sigma rules fire at once.

What to do
----------
Where memory or CPU is tight: fewer workers or a smaller prefetch (12 to 8, 4 to 2). Where both are
idle: more workers. Then `persistent_workers=True`, and the storage: look at what happens at the
period that is named.

Sources
-------
Measured on healthy log-normal traces of 2,000 steps: three-sigma rules fire on all of them, this
one on none.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("loader-spikes")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, last.evidence["period"]
('warning', 12.0)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.ordinary import opens_epoch, opens_pass
from trainmon.roles import Role
from trainmon.rule import Block, Need
from trainmon.spikes.pattern import Spike, pattern
from trainmon.spikes.readings import worst
from trainmon.spikes.search import Limits
from trainmon.spikes.usual import Duration
from trainmon.spikes.watch import SpikeRule
from trainmon.store.batch import Record


@dataclass(frozen=True)
class LoaderSpikes(SpikeRule):
    """Single long waits for a batch."""

    id = "loader-spikes"
    summary = "the data loader stalls now and then; names the rate, the worst and the period"
    noun = "loader spike"
    key = "data_time"
    needs = (
        Need(
            "data_time",
            (Role.DATA_TIME,),
            "for batch in log.batches(loader)",
        ),
    )
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "median": "seconds",
        "max": "seconds",
        "wait": "seconds",
        "rate": "share",
        "time_share": "share",
        "cpu": "share",
        "io_wait": "share",
        "mem_share": "share",
        "gpu_util": "share",
        "gpu_mem_share": "share",
    }
    every_rank = True

    def duration(self, context: Context) -> Duration | None:
        """Return the wait that is judged."""
        return Duration(context.data_time) if context.data_time else None

    def limits(self, context: Context) -> Limits:
        """Return the limits, with the configured threshold if there is one."""
        told = context.number("loader_spike_threshold")
        return replace(super().limits(context), shortest=told or self.least)

    def is_ordinary(self, context: Context, block: Block, row: int) -> bool:
        """Return whether the wait is that for the first batches of an epoch or a pass."""
        every = block.lane.samples(context.data_time)
        durations = block.lane.samples(context.step_time)
        return opens_epoch(block, every, row) or opens_pass(every, durations, row)

    def told(
        self, spikes: Sequence[Spike], context: Context, block: Block, row: int
    ) -> dict[str, Any]:
        """Return the worst spikes, their spacing, and what the loader holds ready."""
        return {
            **worst(spikes, context, block, row, self.key),
            **pattern(spikes, context, block, row),
            **_held_ready(context),
        }

    def title(self, evidence: Mapping[str, Any]) -> str:
        """Return how many batches waited, and how long."""
        title = (
            f"{evidence['spikes']} of {evidence['batches']} batches waited "
            f"up to {1e3 * evidence['max']:.0f} ms (median {1e3 * evidence['median']:.2g} ms)"
        )
        if "period" in evidence:
            title += f", every {evidence['period']:.3g} batches"
        return title

    @staticmethod
    def fires() -> list[Record]:
        """A wait of 4 ms with a stall of 0.3 s at every twelfth batch."""
        waits = np.random.default_rng(0).lognormal(np.log(0.004), 0.3, 240)
        waits[11::12] = 0.3
        times = 1e9 + np.cumsum(waits + 0.05)
        return [
            {"step": step, "time": float(times[step]), "data_time": float(waits[step])}
            for step in range(240)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Healthy log-normal waits."""
        waits = np.random.default_rng(1).lognormal(np.log(0.004), 0.5, 600)
        times = 1e9 + np.cumsum(waits + 0.05)
        return [
            {"step": step, "time": float(times[step]), "data_time": float(waits[step])}
            for step in range(600)
        ]


_TORCH_PREFETCH = 2
"""Batches that torch's DataLoader prefetches per worker when nothing is said."""


def _held_ready(context: Context) -> dict[str, float]:
    """Return how many batches, samples and bytes wait in the loader's queues at most."""
    workers, prefetch = context.positive("num_workers"), context.positive("prefetch_factor")
    if not workers:
        return {}
    batches = workers * (prefetch or _TORCH_PREFETCH)
    held = {"buffered_batches": batches}
    if batch := context.positive("batch_size"):
        held["buffered_samples"] = batches * batch
        if size := context.positive("sample_bytes"):
            held["buffered_bytes"] = batches * batch * size
    if nodes := context.positive("numa_nodes"):
        held["numa_nodes"] = nodes
    return held
