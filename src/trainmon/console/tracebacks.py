"""The exception that ends the output of a console, where Python has printed one."""

import re
from collections.abc import Iterator

from trainmon.console.prefix import Line
from trainmon.record import EVENT_KEY, EventKind
from trainmon.store.batch import Record

_BEGINS = "Traceback (most recent call last)"

_ENDS = re.compile(
    r"(?:[A-Za-z_]\w{0,80}\.){0,10}"
    r"([A-Z]\w{0,80}(?:Error|Exception|Failure|Timeout|Iteration))(?:: (.{0,4000}).*)?$"
)
"""The line behind the frames: the exception's type, and its message if it has one. A person who
interrupts a run knows that it has ended."""


class Tracebacks:
    """Looks for an exception that nothing of the training comes behind.

    One that was caught is followed by further records. Of several, the first one is what the others
    came from, or what a launcher tells of once more.
    """

    def __init__(self) -> None:
        self._within = False
        self._last: Record | None = None

    def take(self, line: Line) -> None:
        """Take in a line of the console."""
        if line.text.startswith(_BEGINS):
            self._within = True
        elif self._within and (ends := _ENDS.match(line.text)):
            self._within = False
            if self._last is None:
                told = {"type": ends[1], "message": ends[2] or ""}
                self._last = {EVENT_KEY: EventKind.EXCEPTION, **told}

    def gone_on(self) -> None:
        """Take in that the training has gone on."""
        self._last = None

    def last(self) -> Iterator[Record]:
        """Yield the event that tells of the exception, if there is one."""
        if self._last is not None:
            yield self._last
            self._last = None
