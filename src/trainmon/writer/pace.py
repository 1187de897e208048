"""How long writes take: whether the disk is one that a training would wait for."""

from collections import deque

SLOW = 200e-6
"""Seconds. A local disk takes 2 us for a line, its page cache being memory; a network file system
that answers every write takes 0.3 to 10 ms, which would be felt in every step."""

_FIRST = 15
"""Writes timed at the start and then looked back over: the median of so many ignores a hiccup."""


class Pace:
    """The durations of recent writes."""

    __slots__ = ("_durations",)

    def __init__(self) -> None:
        self._durations: deque[float] = deque(maxlen=_FIRST)

    @property
    def settled(self) -> bool:
        """Whether enough writes were timed; then one a second does."""
        return len(self._durations) == _FIRST

    @property
    def slow(self) -> bool:
        """Whether the median of the writes is that of a slow disk."""
        return self.settled and sorted(self._durations)[_FIRST // 2] > SLOW

    def took(self, seconds: float) -> None:
        """Take note of one write."""
        self._durations.append(seconds)
