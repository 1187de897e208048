"""The learning rate of a Keras optimizer, read seldom: each reading waits for the device."""

from typing import Any

from trainmon.integrations.keras.settings import plain, schedule_of

_EVERY = 1.0
"""Seconds between two readings of a schedule: a curve of a rate needs no more points."""


class Rates:
    """Keeps the rate of an epoch, and reads a schedule's now and then."""

    def __init__(self) -> None:
        self._rate: float | None = None
        self._read: float | None = None

    def forget(self) -> None:
        """Begin an epoch, for which callbacks may set another rate."""
        self._rate = self._read = None

    def look(self, optimizer: Any) -> None:  # noqa: ANN401 - keras has no types
        """Read the rate of the epoch, once, when everything has set it."""
        if self._rate is None and optimizer is not None and schedule_of(optimizer) is None:
            self._rate = plain(optimizer.learning_rate)

    def at(self, optimizer: Any, batches: int, now: float) -> dict[str, object]:  # noqa: ANN401 - as above
        """Return ``lr`` after so many batches in all, at `now` (seconds), if it is known."""
        schedule = None if optimizer is None else schedule_of(optimizer)
        if schedule is None:
            return {} if self._rate is None else {"lr": self._rate}
        if self._read is not None and now - self._read < _EVERY:
            return {}
        self._read = now
        return {"lr": plain(schedule(batches))}
