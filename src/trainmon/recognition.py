"""The beginning of a file, kept until its format is known or there is no hope."""

from trainmon.record import LINE_LIMIT
from trainmon.source import HEAD_BYTES, Head, Source
from trainmon.sources import choose

SEARCHED_BYTES = 16 << 20
"""Bytes searched for the end of a first line that is no line of a log (16 MiB)."""

_LOOKED_AT = 4_096
"""Bytes at the beginning by which a file that is no text is known."""

_BINARY_SHARE = 0.1
"""Share of control characters from which it is none: colours of a terminal stay far below."""

_TEXT_CONTROLS = b"\t\n\r\x1b\x08\x0c"
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

    def look(self, data: bytes, *, whole: bool) -> type[Source] | None:
        """Return the format of the file as far as it is known with these further bytes.

        `whole` says that they are the last.
        """
        self._seen += len(data)
        if self._in_long_line:
            data = self._behind_long_line(data)
        self.head += data
        chosen = choose(Head(self.head, whole=whole)) if data else None
        if chosen is None and self._begins_with_long_line():
            self.long_lines += 1
            self.head = self._behind_long_line(self.head)
            if self.head:
                chosen = choose(Head(self.head, whole=whole))
        return chosen

    @property
    def hopeless(self) -> bool:
        """Whether more of the file would not tell its format either."""
        too_long = self._in_long_line and self._seen > SEARCHED_BYTES
        return too_long or len(self.head) > HEAD_BYTES or _is_binary(self.head)

    def _begins_with_long_line(self) -> bool:
        endless = len(self.head) > LINE_LIMIT and b"\n" not in self.head[:LINE_LIMIT]
        return endless and not _is_binary(self.head)

    def _behind_long_line(self, data: bytes) -> bytes:
        end = data.find(b"\n") + 1
        self._in_long_line = not end
        return data[end:] if end else b""


def _is_binary(head: bytes) -> bool:
    looked_at = head[:_LOOKED_AT]
    controls = len(looked_at) - len(looked_at.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(looked_at)
