"""What did not reach the log: counted, and told once per kind, so that training goes on."""

import contextlib
import sys
from collections.abc import Callable
from typing import TextIO


class Losses:
    """The counts of lost lines and left-out values of one writer.

    Counts are exact as long as one thread logs at a time. A lock would make them so for several,
    but one held at a fork, or when a signal comes, would stop the training instead.
    """

    __slots__ = ("_stderr", "_told", "dropped", "left_out")

    def __init__(self, stderr: TextIO | None = None) -> None:
        """Tell on `stderr`, or on whatever `sys.stderr` is at that time."""
        self.dropped = 0
        self.left_out = 0
        self._stderr = stderr
        self._told: set[object] = set()

    def drop(self, error: Exception) -> None:
        """Count a line that was lost by `error`."""
        self.dropped += 1
        reason, number = words(error), None
        if isinstance(error, OSError):
            reason, number = error.strerror or reason, error.errno
        kind = (type(error), number)
        self.tell(kind, f"a line is lost: {reason}; further ones are counted in log.dropped")

    def leave_out(self, name: str, error: Exception) -> None:
        """Count a value that was left out by `error`; the rest of its line is kept."""
        self.left_out += 1
        text = f"{name!r} is left out: it {words(error)}; further ones are counted in log.left_out"
        self.tell(type(error), text)

    def tell(self, kind: object, text: str) -> None:
        """Write `text` as a line of its own, unless one of its kind has been written."""
        with contextlib.suppress(Exception):  # a closed or full stream is no reason to stop either
            if kind in self._told:
                return
            self._told.add(kind)
            stream = sys.stderr if self._stderr is None else self._stderr
            if stream is not None:  # a process without a terminal has none
                stream.write(f"trainmon: {text}\n")
                stream.flush()


def words(error: BaseException, say: Callable[[object], str] = str) -> str:
    """Return what an error says of itself; that of a foreign object may fail even at this.

    >>> words(KeyError("loss")), words(KeyError("loss"), repr), words(KeyError())
    ("'loss'", "KeyError('loss')", 'KeyError')
    """
    try:
        return say(error) or type(error).__name__
    except Exception:  # noqa: BLE001 - as said
        return type(error).__name__
