"""How far the clocks of hosts are apart, by the steps that their ranks told in common.

Ranks that exchange gradients do each step together, so that the times they tell of it differ by
their clocks. A rank that works by itself may fall behind meanwhile, so the first steps count as
much as the last ones: what lasts from the beginning to the end is the clock.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from trainmon.medians import median_of
from trainmon.store.batch import Floats
from trainmon.store.timeline import Timeline

_STEPS = 64
"""Steps in common whose median is taken: a pause of one rank between two of them tells nothing."""

_ROWS = 512
"""Rows in which they are looked for: ranks may log at other intervals."""


class Clocked(Protocol):
    """What tells steps and times: a lane, or a view of one."""

    @property
    def steps(self) -> Timeline:
        """The step of each row."""

    @property
    def times(self) -> Timeline:
        """The time of each row in Unix seconds."""


def ahead(one: Clocked, other: Clocked) -> Sequence[float]:
    """Return by how many seconds one clock is ahead of another: at first, and lately.

    Nothing where they told no step in common.
    """
    found = (_ahead(one, other, slice(_ROWS)), _ahead(one, other, slice(-_ROWS, None)))
    return [seconds for seconds in found if np.isfinite(seconds)]


def skew(one: Clocked, other: Clocked) -> float:
    """Return by how many seconds one clock is ahead of another all the time; 0 if not known.

    >>> from trainmon.store.batch import batch_of
    >>> from trainmon.store.lane import Lane
    >>> lanes = Lane(0), Lane(1)
    >>> for lane, begin in zip(lanes, (1e9, 1e9 + 90)):
    ...     _ = lane.append(batch_of([{"step": n, "time": begin + n} for n in range(20)]))
    >>> skew(lanes[1], lanes[0])
    90.0
    """
    return min(ahead(one, other), key=abs, default=0.0)


def _ahead(one: Clocked, other: Clocked, rows: slice) -> float:
    steps, times = _told(one, rows)
    other_steps, other_times = _told(other, rows)
    _, here, there = np.intersect1d(steps, other_steps, return_indices=True)
    apart = times[here] - other_times[there]
    apart = apart[:_STEPS] if rows.start is None else apart[-_STEPS:]
    return median_of(apart) if len(apart) else np.nan


def _told(lane: Clocked, rows: slice) -> tuple[Floats, Floats]:
    """Return the steps that tell a time, the first record of each."""
    steps, times = lane.steps[rows], lane.times[rows]
    told = np.isfinite(steps) & np.isfinite(times)
    return steps[told], times[told]
