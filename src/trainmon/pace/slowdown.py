"""What explains that steps take longer than they did: data, clock, memory, or the work itself."""

from collections.abc import Mapping

import numpy as np

from trainmon.context import Context
from trainmon.hardware.readings import gpus, usual
from trainmon.pace.waiting import timed_between
from trainmon.roles import Role
from trainmon.rule import Block

Rows = tuple[int, int]
"""A first and a last row."""

_EXPLAINS = 0.5
"""Of the slowdown: what makes at least so much of it explains it."""

_FULL = 0.95
"""Of a memory: allocators begin to wait, and hosts to swap."""

_SWAPPED = 64e6
"""Bytes: what systems swap out of themselves."""


def explained(
    context: Context, block: Block, before: Rows, now: Rows, times: tuple[float, float]
) -> dict[str, float | str]:
    """Return what grew or fell between two stretches of rows, and what explains it in a word.

    `times` are those of a step in both, in seconds.
    """
    lost, slower = (times[1] - times[0]) or np.nan, times[1] / times[0]
    waits = [timed_between(context, block, *rows).mean_wait for rows in (before, now)]
    found = {
        "data_share": (waits[1] - waits[0]) / lost,
        "work_share": _growth(block, next(iter(context.names(Role.WORK_TIME)), None), before, now)
        / lost,
        "clock_ratio": _clock(context, block, now) / _clock(context, block, before),
        "mem_share": _fullest(context, block, now),
        "swap_grew": _growth(block, "sys/swap_used", before, now),
    }
    return {**found, "explained_by": _word(found, slower, waits=context.data_time is not None)}


def _word(found: Mapping[str, float], slower: float, *, waits: bool) -> str:
    by_clock = (1 / found["clock_ratio"] - 1) / (slower - 1) if slower > 1 else 0.0
    if found["data_share"] >= _EXPLAINS:
        return "data"
    if by_clock >= _EXPLAINS:
        return "clock"
    if found["swap_grew"] > _SWAPPED or found["mem_share"] >= _FULL:
        return "memory"
    if found["work_share"] >= _EXPLAINS:
        return "compute"
    if not np.isnan(found["work_share"]):
        return "exchange"
    return "compute" if waits else "unknown"


def _growth(block: Block, name: str | None, before: Rows, now: Rows) -> float:
    """Return how much the median of a metric grew; NaN where it is not told in both."""
    told = [usual(block, name, *rows) for rows in (before, now)]
    first, last = (np.nan if value is None else value for value in told)
    return last - first


def _clock(context: Context, block: Block, rows: Rows) -> float:
    """Return the median clock of the slowest GPU; NaN if none is told."""
    told = (usual(block, metrics.get("clock"), *rows) for metrics in gpus(context).values())
    return min((clock for clock in told if clock), default=np.nan)


def _fullest(context: Context, block: Block, rows: Rows) -> float:
    """Return the share in use of the fullest memory of the host and the GPUs; NaN if none is."""
    pairs: list[tuple[str | None, str | None]] = [("sys/mem_used", "sys/mem_total")]
    pairs += [(m.get("mem_used"), m.get("mem_total")) for m in gpus(context).values()]
    shares = []
    for pair in pairs:
        used, total = (usual(block, name, *rows) for name in pair)
        shares += [used / total] if used and total else []
    return max(shares, default=np.nan)
