"""What wakes the background thread of an outbox."""

import contextlib
from queue import Empty, SimpleQueue


class Bell:
    """Rung by any thread, even in the midst of being rung, as by the handler of a signal.

    `threading.Event` would lock that one out for good.
    """

    __slots__ = ("_ringing", "_rings")

    def __init__(self) -> None:
        self._ringing = False
        self._rings: SimpleQueue[None] = SimpleQueue()

    def ring(self, *, again: bool = False) -> None:
        """Ring, unless it rings already; `again` cuts a wait short that has begun with a ring."""
        if again or not self._ringing:
            self._ringing = True
            self._rings.put(None)

    def wait(self, collect: float) -> None:
        """Wait for it to ring, and then `collect` seconds for what may follow; hush it."""
        self._rings.get()
        with contextlib.suppress(Empty):
            self._rings.get(timeout=collect)
        self._ringing = False
