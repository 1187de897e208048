"""What is called a time and is none of a step: the time of a clock, or the time since the start.

Names do not tell: ``time`` is a duration in one project, Unix seconds in another, and what has
passed so far in a third. Values do.
"""

import numpy as np
from numpy.typing import NDArray

from trainmon.roles.reading import role_of

EARLIEST_TIME = 1e8
"""Unix seconds (1973), or three years: no step and no wait takes as long."""

COUNTS_UP_AT = 32
"""Samples by which it is seen whether a time counts up: durations go up and down long before."""

_TIMES_FIRST = 2.0
"""Times the first value that one that counts up has come to by then; a step that becomes slower
and slower, or the average of such steps, has not."""


def is_clock(name: str, value: float) -> bool:
    """Return whether a metric that is called a time tells that of a clock.

    >>> is_clock("time", 1.78e9), is_clock("time", 0.25), is_clock("tokens", 1e9)
    (True, False, False)
    """
    return value >= EARLIEST_TIME and role_of(name).unit == "s"


def counts_up(values: NDArray[np.float64]) -> bool:
    """Return whether the first values of a time are those of what has passed so far.

    They rise from each to the next, to a multiple of the first, and as much late as early.

    >>> counts_up(0.2 * np.arange(1, 33)), counts_up(np.linspace(0.20, 0.30, 32))
    (True, False)
    """
    rises = np.diff(values)
    if not (rises > 0).all() or values[-1] < _TIMES_FIRST * values[0]:
        return False
    half = len(values) // 2
    late = float((values[-1] - values[half]) / max(values[half] - values[0], np.finfo(float).tiny))
    return 1 / _EVEN < late < _EVEN


_EVEN = 4.0
"""Times the growth of one half of the values that the other's may be."""
