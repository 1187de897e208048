"""What is usual of a duration, as the bound above which one is a spike."""

from math import inf
from statistics import median

_FIRST_LOOK = 16
"""Durations before the first look: a median of fewer says little, and the first batches, of which
compilers and caches make the slowest, are not the usual ones."""

_WINDOW = 128
"""Durations between later looks. One takes 15 us, so less than one batch in a hundred has one."""

_TIMES_MEDIAN = 8.0
_TIMES_DEVIATION = 12.0
"""Median absolute deviations beyond the median. The rule `loader-spikes` reads the log with the
same two; log-normal durations, which healthy loaders have, pass neither."""

_SHORTEST = 0.010
"""Seconds: shorter stalls are lost in any step, and the machine cannot be sampled in them."""


class Usual:
    """Learns what is usual of a duration; costs 60 ns a value beside the looks.

    >>> waits = Usual()
    >>> any(waits.exceeded_by(0.004) for _ in range(20)), waits.exceeded_by(0.2), waits.median
    (False, True, 0.004)
    """

    __slots__ = ("_bound", "_look_at", "_values", "median")

    def __init__(self) -> None:
        self.median = 0.0
        """Seconds; 0 until it is known."""
        self._bound = inf
        self._look_at = _FIRST_LOOK
        self._values: list[float] = []

    def exceeded_by(self, seconds: float) -> bool:
        """Learn a duration; return whether it is far above what was usual before it."""
        exceeded = seconds > self._bound
        self._values.append(seconds)
        if len(self._values) == self._look_at:
            self._look()
        return exceeded

    def _look(self) -> None:
        self.median = usual = median(self._values)
        deviation = median(abs(value - usual) for value in self._values)
        self._bound = max(_TIMES_MEDIAN * usual, usual + _TIMES_DEVIATION * deviation, _SHORTEST)
        if self._look_at < _WINDOW:
            self._look_at *= 2
        else:
            self._values.clear()
