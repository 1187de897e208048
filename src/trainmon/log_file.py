"""One followed file: its bytes through the source that its content chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainmon.errors import FormatError
from trainmon.source import HEAD_BYTES, Part, Source
from trainmon.sources import all_sources, choose
from trainmon.tail import Chunk, Follower, OpenFiles

_LINES_LIMIT = 50
"""Lines after which a file that no source recognises is given up, however short they are."""

_LOOKS_LIMIT = 4
"""Reads after which it is given up without a single line: a large binary file is not read on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read of a file gave."""

    parts: Sequence[Part] = ()
    fresh: bool = False
    """The file starts over: forget what came from it before."""
    notices: tuple[str, ...] = ()
    more: bool = False


class LogFile:
    """A file, the follower of its bytes and the reader of its lines. Owned by the monitor."""

    def __init__(self, path: Path, open_files: OpenFiles) -> None:
        self.path = path
        self.failure = ""
        """Why the file cannot be read any further, if so."""
        self.foreign = False
        """Whether that is because it is in no known format, as many files beside logs are."""
        self.unreadable = 0
        """Lines that were skipped because they could not be understood."""
        self.bytes_read = 0
        self._follower = Follower(path, open_files=open_files)
        self._source: Source | None = None
        self._head = b""
        self._looks = 0

    @property
    def format(self) -> str:
        """The id of the format, or nothing while it is not known."""
        return self._source.id if self._source else ""

    @property
    def unrecognised(self) -> bool:
        """Whether something was read and no format has been recognised so far."""
        return bool(self._looks) and self._source is None

    def read(self, limit: int, *, ended: bool = False) -> Reading | None:
        """Return what is new of at most `limit` bytes; `ended` takes a last line without newline.

        None if nothing is new. Nothing is raised: see `failure`.
        """
        if self.failure:
            return None
        chunk = self._follower.read(limit)
        if chunk is None and ended:
            chunk = self._follower.finish()
            if chunk is None and self._source is None:
                self._give_up()
        return self._understood(chunk, ended=ended) if chunk else None

    def _understood(self, chunk: Chunk, *, ended: bool) -> Reading:
        if chunk.fresh:
            self._source, self._head, self.unreadable, self._looks = None, b"", 0, 0
        self.bytes_read += len(chunk.lines)
        lines = chunk.lines
        if self._source is None:
            self._head = lines = self._head + lines
            source = choose(_head_of(lines)) if lines else None
            self._looks += 1
            if source is None:
                searched = len(lines) > HEAD_BYTES or lines.count(b"\n") > _LINES_LIMIT
                if searched or self._looks > _LOOKS_LIMIT or (ended and not chunk.more):
                    self._give_up(chunk.notices)
                return Reading((), chunk.fresh, chunk.notices, chunk.more and not self.failure)
            self._source, self._head = source(), b""
        try:
            parts = self._source.read(lines)
        except FormatError as error:
            self._fail(str(error))
            return Reading((), chunk.fresh, chunk.notices)
        self.unreadable += sum(part.unreadable for part in parts)
        return Reading(parts, chunk.fresh, chunk.notices, chunk.more)

    def _give_up(self, notices: Sequence[str] = ()) -> None:
        """Fail because of what its reader told, else because its content is in no format."""
        self.foreign = bool(self._head) or not notices
        formats = ", ".join(source.id for source in all_sources())
        unknown = f"no format recognises it; there are: {formats}"
        if self.foreign:
            self._fail(unknown if self._head or self._looks else "it is empty")
        else:
            self._fail("; ".join(notices))

    def _fail(self, why: str) -> None:
        self.failure = why
        self._head = b""
        self._follower.release()


def _head_of(lines: bytes) -> bytes:
    """Return the whole lines of a file's beginning, at least the first one."""
    return lines[: max(lines.rfind(b"\n", 0, HEAD_BYTES), lines.find(b"\n")) + 1] or lines
