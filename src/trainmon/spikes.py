"""What single long waits have in common: their period, what it matches, the machine meanwhile."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.rule import Block

_FEWEST_GAPS = 4
"""Gaps between spikes that a period is read from: fewer agree by chance."""

_NEAR = 0.1
"""Of the median gap: how near to a multiple of it a gap must lie."""

_MOST = 0.8
"""Of the gaps: how many must lie near multiples of the median one."""


@dataclass(frozen=True, slots=True)
class Spike:
    """One long wait."""

    row: int
    index: int
    """The number of the batch since the baseline began."""
    wait: float
    """Seconds."""
    median: float
    """The usual wait at that time, in seconds."""


def period_of(gaps: NDArray[Any]) -> float | None:
    """Return the period of spikes in batches from the gaps between them, or None.

    >>> period_of(np.array([23, 24, 24, 23, 47])), period_of(np.array([3, 20, 11, 7, 15]))
    (23.5, None)
    """
    if len(gaps) < _FEWEST_GAPS:
        return None
    median = float(np.median(gaps))
    multiples = np.maximum(np.round(gaps / median), 1)
    near = np.abs(gaps - multiples * median) <= _NEAR * median
    if near.mean() <= _MOST:
        return None
    return float(np.round(np.mean(gaps[near] / multiples[near]), 1))


def matches(period: float, context: Context) -> str:
    """Return what a period in batches is a multiple of, in words; empty if nothing known."""
    for key, words in (("num_workers", "workers"), ("prefetch_factor", "prefetched batches")):
        number = context.number(key)
        if not number or number < 2:  # noqa: PLR2004 - everything is a multiple of one
            continue
        times = max(1, round(period / number))
        if abs(period - times * number) <= _NEAR * period:
            return (
                f"{times} x the {number:.0f} {words}" if times > 1 else f"the {number:.0f} {words}"
            )
    return ""


def machine_at(context: Context, block: Block, row: int) -> dict[str, float]:
    """Return the machine's readings that the log holds for the time of a row."""
    readings = {}
    for name in context.names(Role.SYSTEM):
        short = name.removeprefix("sys/")
        if short in _TOLD or short.endswith(("/util", "/mem_used")):
            values = block.before(name, 1, row + 1).values
            if len(values):
                readings[short] = float(values[-1])
    return readings


_TOLD = frozenset({"cpu", "mem_used", "io_wait"})
"""Readings of the host that explain a stall."""
