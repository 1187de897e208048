"""When the next frame is due: rarely while nobody looks, never before the last has gone out."""

from collections.abc import Callable

FRAME_SECONDS = 0.2
"""Time between two frames while data arrives: 5 Hz; faster is not read, only sent."""

_AWAY_SECONDS = 1.0
"""Time between two frames while the terminal is not looked at, as far as it tells."""

_RETRY_SECONDS = 0.05
"""Time after which it is looked again whether a slow line has taken the last frame."""


class Pace:
    """Spaces frames in time. `unsent` tells how much of what was drawn has not gone out yet."""

    def __init__(
        self, timer: Callable[[], float], seconds: float, unsent: Callable[[], int]
    ) -> None:
        self._timer = timer
        self._seconds = seconds
        self._unsent = unsent
        self._last = 0.0

    def wait(self, *, away: bool) -> float:
        """Return the seconds until a frame may be drawn; 0 if one may be drawn now."""
        if self._unsent():
            return _RETRY_SECONDS
        seconds = max(self._seconds, _AWAY_SECONDS) if away else self._seconds
        return max(0.0, self._last + seconds - self._timer())

    def drawn(self) -> None:
        """Take in that a frame is drawn now."""
        self._last = self._timer()

    def since_last(self) -> float:
        """Return the seconds since the last frame."""
        return self._timer() - self._last
