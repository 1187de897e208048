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


_DEATHS = (
    ("Killed", re.compile(r"(?:.{0,200}\d Killed\b.{0,400}|Killed)$")),
    ("Killed", re.compile(r".{0,400}\boom[-_ ]?kill|.{0,99}out of memory: kill", re.IGNORECASE)),
    ("Killed", re.compile(r".{0,400}\bexitcode ?: -9\b")),
    ("Cancelled", re.compile(r"(?:slurmstepd|srun): error: .{0,200}CANCELLED AT .{0,200}")),
    ("Crash", re.compile(r".{0,200}(?:Segmentation fault|Bus error)\b")),
    ("Crash", re.compile(r"(?:.{0,200}Aborted +\(core dumped\)|Aborted$)")),
    ("Crash", re.compile(r"terminate called after throwing an instance of .{0,200}")),
)
"""What the shell, the scheduler and the system print of a process that had no time to say why."""

_MAYBE_DEATH = ("Killed", "kill", "CANCELLED", "fault", "error", "Aborted", "terminate", "exitcode")

_ASSERTION = re.compile(r"Assertion `.{1,200}` failed")
"""What a kernel on the GPU prints long before the exception that tells only that it did."""


class Tracebacks:
    """Looks for an exception that nothing of the training comes behind.

    One that was caught is followed by further records. Of several, the first one is what the others
    came from, or what a launcher tells of once more. A process that is killed leaves no exception,
    but a word of the shell or of the scheduler.
    """

    def __init__(self) -> None:
        self._within = False
        self._asserted = ""
        self._last: Record | None = None

    def take(self, line: Line) -> None:
        """Take in a line of the console."""
        text = line.text
        if text.startswith(_BEGINS):
            self._within = True
        elif self._within and (ends := _ENDS.match(text)):
            self._within = False
            beside = f" ({self._asserted})" if self._asserted else ""
            self._end(ends[1], f"{ends[2] or ''}{beside}")
        elif any(word in text for word in _MAYBE_DEATH):
            kind = next((kind for kind, words in _DEATHS if words.match(text)), None)
            if kind is not None and not self._within:
                self._end(kind, text)
        elif "Assertion `" in text and (asserted := _ASSERTION.search(text)):
            self._asserted = asserted.group()

    def _end(self, kind: str, message: str) -> None:
        if self._last is None:
            self._last = {EVENT_KEY: EventKind.EXCEPTION, "type": kind, "message": message}

    def gone_on(self) -> None:
        """Take in that the training has gone on."""
        self._last, self._asserted = None, ""

    def last(self) -> Iterator[Record]:
        """Yield the event that tells of the exception, if there is one."""
        if self._last is not None:
            yield self._last
            self._last = None
