"""A GPU's memory is nearly full.

Looks for
---------
Memory in use beside the memory that a GPU has.

Why it matters
--------------
The next longer sequence, larger evaluation batch or fragment ends the run. An allocator that is
short of memory also frees and asks anew, for which all work on the GPU waits.

Fires when
----------
At least 95 % of the card are in use in 48 samples in a row: info. It is a warning when it is 98 %
in 24 of them, when the use rose by 1 % of the card over the 48, or when the allocator had to retry.
Of samples that are 16 steps or seconds apart, and more, a quarter of these numbers is enough, and
half of them of those that are 8 apart.

Stays quiet
-----------
On single peaks. What frameworks reserve beforehand and do not use counts as in use: nothing else
can have it.

What to do
----------
A smaller batch with more accumulation, activation checkpointing, shorter sequences in evaluations.
Where retries are told: `PYTORCH_ALLOC_CONF=expandable_segments:True`. Measure what the model itself
takes with `torch.cuda.max_memory_allocated()`.

Sources
-------
PyTorch, Understanding CUDA Memory Usage (2023), and the notes on its caching allocator. Field
reports: at 98.5 % the loader's pinned memory had no room, and batches stalled.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("gpu-memory-high")
>>> [(d.event.row, d.event.severity.word) for d in replay(rule, rule.fires())]
[(47, 'info'), (55, 'warning')]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainmon.courses.lasting import Flags, Levels
from trainmon.hardware.card_rule import CardRule, Metrics, Seen
from trainmon.hardware.readings import last_told
from trainmon.roles import Role
from trainmon.rule import EventKind, Need
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold

_USED = ("mem_used", "mem_reserved")
"""What tells of the memory in use: that of the whole card before that of the process."""

_RETRIES = "alloc_retries"
"""What PyTorch calls how often its allocator had to free and ask anew."""


@dataclass(frozen=True)
class GpuMemoryHigh(CardRule):
    """Memory in use beside the memory that there is."""

    id = "gpu-memory-high"
    summary = "a GPU's memory is nearly full; a warning at 98 %, when it rises, or after retries"
    needs = (
        Need(
            "sys/gpu0/mem_used",
            (Role.SYSTEM,),
            "free, total = torch.cuda.mem_get_info(); "
            'log.log({"sys/gpu0/mem_used": total - free, "sys/gpu0/mem_total": total})',
        ),
    )
    units = {"share": "share", "before": "share"}  # noqa: RUF012 - declared as a class variable by Rule
    every_rank = True

    high: float = threshold(0.95, "of the card")
    full: float = threshold(0.98, "of the card: no room for one more layer's activations")
    over: float = threshold(0.93, "of the card: below it there is room again")
    rise: float = threshold(0.01, "of the card, over the cells of `lasts`: it goes on rising")
    lasts: int = threshold(6, "cells of samples: no single peak")
    full_for: int = threshold(3, "cells of samples")

    def judged(self, metrics: Metrics) -> str | None:
        """Return the memory in use, where it is known how much there is."""
        return _used(metrics)

    def width(self, apart: float) -> int:
        """Return one cell, be they close together."""
        del apart
        return 1

    def in_a_row(self) -> tuple[int, int]:
        """Return how many cells open a finding, and how many a warning."""
        return self.lasts, self.full_for

    def suspects(self, seen: Seen) -> Flags:
        """Return in which cells the card is nearly full."""
        every = seen.every
        return np.asarray(every.digest.low[every.first] >= self.high * _totals(seen))

    def levels(self, seen: Seen) -> tuple[Levels, Flags]:
        """Return 2 where it is full, rising, or the allocator had to retry."""
        digest, cells, totals = seen.every.digest, seen.every.first, _totals(seen)
        earlier = np.maximum(cells - self.lasts + 1, 0)
        rises = digest.median[cells] - digest.median[earlier] >= self.rise * totals
        rises &= digest.low[earlier] >= self.high * totals
        retries = _retries(seen)
        counts = [last_told(seen.block, retries, digest.rows[at]) for at in (cells, earlier)]
        levels = self.suspects(seen).astype(np.int8)
        full = digest.low[cells] >= self.full * totals
        levels[(levels > 0) & (full | rises | (counts[0] > counts[1]))] = 2
        return levels, np.asarray(digest.median[cells] < self.over * totals)

    def evidence(self, seen: Seen, place: int) -> dict[str, Any]:
        """Return how much is in use, how much was, and what the batch takes."""
        digest, cell = seen.every.digest, int(seen.every.first[0]) + place
        before = max(0, cell - self.lasts + 1)
        total = float(_totals(seen)[place])
        counts = last_told(seen.block, _retries(seen), digest.rows[[before, cell]]).tolist()
        told = {key: seen.context.number(key) for key in _OF_THE_BATCH}
        return {
            "share": float(digest.median[cell]) / total,
            "before": float(digest.median[before]) / total,
            "used": float(digest.median[cell]),
            "total": total,
            "retries": counts[1] - counts[0],
            **{key: value for key, value in told.items() if value is not None},
        }

    def title(self, gpu: str, kind: EventKind, evidence: Mapping[str, Any]) -> str:
        """Return how full the card is."""
        share = evidence["share"]
        if kind == EventKind.CLEARED:
            return f"{gpu} has room again: {share:.0%} of its memory are in use"
        title = f"{share:.1%} of the memory of {gpu} are in use"
        if evidence["retries"] > 0:
            return f"{title}, and the allocator had to retry {evidence['retries']:.0f} times"
        return f"{title}, and rising" if share - evidence["before"] >= self.rise else title

    @staticmethod
    def fires() -> list[Record]:
        """A card whose last percents fill up."""
        used = np.minimum(76.5 + np.arange(120) / 40, 79.5)
        return [_record(step, value) for step, value in enumerate(used.tolist())]

    @staticmethod
    def quiet() -> list[Record]:
        """A card that is nearly full at single moments."""
        return [_record(step, 79.5 if step % 10 == 9 else 70.0) for step in range(200)]


def _record(step: int, used: float) -> Record:
    return {"step": step, "sys/gpu0/mem_used": used * 1e9, "sys/gpu0/mem_total": 80e9}


_OF_THE_BATCH = ("batch_size", "num_workers", "prefetch_factor")


def _used(metrics: Metrics) -> str | None:
    used = next((metrics[what] for what in _USED if what in metrics), None)
    return used if "mem_total" in metrics else None


def _totals(seen: Seen) -> Floats:
    """Return how much memory the card has, at each window."""
    every = seen.every
    return last_told(seen.block, seen.metrics["mem_total"], every.digest.rows[every.last])


def _retries(seen: Seen) -> str | None:
    """Return the metric that counts the allocator's retries, if there is one."""
    others = seen.context.names(Role.COUNTER, Role.OTHER)
    own = seen.metrics.get(_RETRIES)
    return own or next((name for name in others if name.endswith(_RETRIES)), None)
