"""Holds a training back to a pace at which a person can watch it."""

from collections.abc import Callable
from typing import Final

SLICE: Final = 0.05
"""Seconds slept at once: a stop is noticed within this time."""


class Pace:
    """Lets through at most `rate` steps per second; a rate of None lets all through."""

    def __init__(
        self, rate: float | None, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._clock = clock
        self._sleep = sleep
        self._due = clock()

    def wait(self) -> None:
        """Sleep until the next step is due; time already lost is not made up for."""
        self._due = max(self._due + self._interval, self._clock())
        while (left := self._due - self._clock()) > 0:
            self._sleep(min(left, SLICE))
