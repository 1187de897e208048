"""Rates of counters that only grow."""

from collections.abc import Callable


class Rates:
    """Turns totals into rates, each by the time since it was told last.

    Owned by the thread that samples. `clock` is in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, tuple[float, float]] = {}

    def rate(self, name: str, total: float) -> float | None:
        """Return how much a total grew per second; None at first, and after it began anew.

        >>> rates = Rates(iter([0.0, 2.0, 3.0]).__next__)
        >>> [rates.rate("sent", total) for total in (100.0, 300.0, 5.0)]
        [None, 100.0, None]
        """
        now = self._clock()
        before = self._last.get(name)
        self._last[name] = now, total
        if before is None:
            return None
        seconds, grown = now - before[0], total - before[1]
        return grown / seconds if seconds > 0 and grown >= 0 else None
