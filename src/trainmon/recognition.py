"""The beginning of a file, kept until its format is known or there is no hope."""

from trainmon.record import LINE_LIMIT
from trainmon.source import HEAD_BYTES, Head, Source
from trainmon.sources import all_sources, choose

SEARCHED_BYTES = 16 << 20
"""Bytes searched for the end of a first line that is no line of a log, and of the zero bytes that
a crash left in the place of a log's beginning (16 MiB)."""

LOOKED_AT = 4_096
"""Bytes at the beginning by which a file that is no text is known: of the checkpoints and images
beside a log, no more is read."""

_BINARY_SHARE = 0.05
"""Share of control characters from which it is none: colours of a terminal do not count, and
compressed data has twice as many."""

_ZERO = b"\x00"  # crashes leave blocks of them in logs, so they tell nothing
_TEXT_CONTROLS = b"\t\n\r\x1b\x08\x0c" + _ZERO
_CONTROLS = bytes(code for code in range(32) if code not in _TEXT_CONTROLS) + b"\x7f"


class Recognition:
    """Looks at a file from its first byte on, piece by piece."""

    def __init__(self) -> None:
        self.head = b""
        """What there is so far, less a first line that is too long."""
        self.long_lines = 0
        """Lines that were left out because they are too long."""
        self._in_long_line = False
        self._seen = 0

    def look(self, data: bytes, *, whole: bool, more: bool = False) -> type[Source] | None:
        """Return the format of the file as far as it is known with these further bytes.

        `whole` says that they are the last, `more` that others wait to be read.
        """
        self._seen += len(data)
        if self._in_long_line:
            data = self._behind_long_line(data)
        self.head += data if self.head else data.lstrip(_ZERO)
        if more and len(self.head) <= LOOKED_AT and not _is_binary(self.head):
            return None
        chosen = self._chosen(whole=whole) if self.head and data else None
        if chosen is None and self._begins_with_long_line():
            self.long_lines += 1
            self.head = self._behind_long_line(self.head)
            if self.head:
                chosen = self._chosen(whole=whole)
        return chosen

    def _chosen(self, *, whole: bool) -> type[Source] | None:
        if _ZERO in self.head or _is_binary(self.head):
            head = Head(self.head, whole=whole)
            binary = (source for source in all_sources() if source.binary)
            chosen = next((source for source in binary if source.recognises(head)), None)
            if chosen or _is_binary(self.head):
                return chosen
        # A megabyte of zero bytes is no line, and all formats would look at it.
        return choose(Head(self.head.translate(None, _ZERO), whole=whole))

    @property
    def hopeless(self) -> bool:
        """Whether more of the file would not tell its format either."""
        nothing_so_far = self._in_long_line or not self.head
        too_long = nothing_so_far and self._seen > SEARCHED_BYTES
        return too_long or len(self.head) >= HEAD_BYTES or _is_binary(self.head)

    @property
    def failure(self) -> str:
        """Why the file is no log, in words, given that there is no hope or no more of it."""
        if self.head or self._in_long_line:
            return "no format recognises it (trainmon formats lists them)"
        return "it holds zero bytes alone" if self._seen else "it is empty"

    def _begins_with_long_line(self) -> bool:
        endless = len(self.head) >= LINE_LIMIT and b"\n" not in self.head[: LINE_LIMIT + 1]
        return endless and not _is_binary(self.head)

    def _behind_long_line(self, data: bytes) -> bytes:
        end = data.find(b"\n") + 1
        self._in_long_line = not end
        return data[end:] if end else b""


def _is_binary(head: bytes) -> bool:
    looked_at = head[:LOOKED_AT]
    controls = len(looked_at) - len(looked_at.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(looked_at)
