"""What single long waits have in common: their spacing, their period, and what it matches."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block
from trainmon.store.batch import Floats

_FEWEST_GAPS = 4
"""Gaps between spikes that a period is read from: fewer agree by chance."""

_NEAR = 0.1
"""Of the median gap: how near to a multiple of it a gap must lie."""

_MOST = 0.8
"""Of the gaps: how many must lie near multiples of the median one."""

_TIMES = 4
"""Multiples that a period is matched to: of higher ones some is near to any number."""


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
    usual = median(gaps.tolist())
    multiples = np.maximum(np.round(gaps / usual), 1)
    near = np.abs(gaps - multiples * usual) <= _NEAR * usual
    if near.mean() <= _MOST:
        return None
    return float(np.round(np.mean(gaps[near] / multiples[near]), 1))


def matches(
    period: float, context: Context, intervals: Mapping[str, float] = MappingProxyType({})
) -> str:
    """Return what a period in batches is a multiple of, in words; empty if nothing known.

    `intervals` are batches between things that happen now and then, by what these are called.
    """
    for key, words in _COUNTS:
        number = context.number(key)
        if not number or number < 2:  # noqa: PLR2004 - everything is a multiple of one
            continue
        times = max(1, round(period / number))
        if times <= _TIMES and abs(period - times * number) <= _NEAR * period:
            return (
                f"{times} x the {number:.0f} {words}" if times > 1 else f"the {number:.0f} {words}"
            )
    for words, interval in intervals.items():
        times = max(1, round(period / interval))
        if times <= _TIMES and abs(period - times * interval) <= _NEAR * period:
            return f"{times} x the {words}" if times > 1 else f"the {words}"
    return ""


_COUNTS = (
    ("num_workers", "workers"),
    ("prefetch_factor", "prefetched batches"),
    ("gc_freq", "steps between garbage collections"),
    ("gc_interval", "steps between garbage collections"),
)
"""Settings whose number of batches may be the period."""

_SHARDS = ("shard_size", "samples_per_shard")
"""Settings that say how many samples stand in one file."""


def intervals(context: Context, block: Block, row: int) -> dict[str, float]:
    """Return the batches between evaluations and checkpoints up to a row, and those of a shard."""
    found = {}
    every = block.lane.events
    upto = bisect_right(every, row, key=lambda event: event.row)
    events = every[max(0, upto - _EVENTS) : upto]
    for kind in (EventKind.CHECKPOINT, EventKind.EVALUATION):
        rows = [event.row for event in events if event.kind == kind]
        if gap := _gap(block, rows):
            found[f"{gap:.0f} steps between {kind}s"] = gap
    for name in context.names(Role.VAL_LOSS, Role.VAL_METRIC)[:1]:
        if gap := _gap(block, block.before(name, _EVENTS, row + 1).rows.tolist()):
            found[f"{gap:.0f} steps between evaluations"] = gap
    batch = context.positive("batch_size")
    shard = next(filter(None, map(context.positive, _SHARDS)), None)
    if batch and shard and shard > batch:
        found[f"{shard / batch:.0f} batches of a shard"] = shard / batch
    return found


_EVENTS = 256
"""Events, or evaluations, whose spacing is looked at: spikes may be told between them."""


def _gap(block: Block, rows: Sequence[int]) -> float | None:
    """Return the usual number of steps from one of some rows to the next, if it is a period."""
    steps = block.steps[np.array(rows, np.int64)] if len(rows) > 2 else np.empty(0)  # noqa: PLR2004 - two gaps agree or not
    gaps = np.diff(finite(steps))
    if len(gaps) < 2 or not (gaps > 0).all():  # noqa: PLR2004 - likewise
        return None
    usual = float(median(gaps.tolist()))
    return usual if np.mean(np.abs(gaps - usual) <= _NEAR * usual) > _MOST else None


def pattern(spikes: Sequence[Spike], context: Context, block: Block, row: int) -> dict[str, Any]:
    """Return the spacing of spikes, the period if they have one, and what that matches.

    They are told in batches, of which there are more than records where each stands for several.
    """
    gaps = np.diff([spike.index for spike in spikes])
    gaps = gaps * _apart(np.diff(block.steps[np.array([spike.row for spike in spikes])]), gaps)
    found: dict[str, Any] = {"spacing": float(median(gaps.tolist()))}
    period = period_of(gaps)
    if period is not None:
        found["period"] = period
        found["matches"] = matches(period, context, intervals(context, block, row))
    return found


def _apart(steps: Floats, records: NDArray[Any]) -> float:
    """Return how many steps a record stands for; 1 where they are not told, or about one."""
    apart = steps / records
    usual = median(apart.tolist()) if np.isfinite(apart).all() and len(apart) else 1.0
    return usual if usual >= _SEVERAL else 1.0


_SEVERAL = 2.0
"""Steps of a record: where fewer go by some were logged twice, or left out."""
