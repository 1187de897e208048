"""Cut bytes into whole lines, holding back half a line and leaving out endless ones."""

from typing import NamedTuple

from trainmon.record import LINE_LIMIT

NEWLINE = b"\n"


class Cut(NamedTuple):
    """What one piece of a file completes."""

    lines: bytes
    """Whole lines, each ending in a newline."""
    skipped: int
    """Lines found to be over the limit, and left out."""


class LineCutter:
    r"""Turns the pieces of a file into whole lines, however it was cut into pieces.

    At most `limit` bytes of a line are held; of a longer one nothing is kept, and the lines go on
    behind its newline. Only ``\n`` ends a line: what else a line holds is for others to judge.

    >>> cutter = LineCutter()
    >>> cutter.cut(b'{"step": 1}\n{"st').lines
    b'{"step": 1}\n'
    >>> cutter.cut(b'ep": 2}\n').lines
    b'{"step": 2}\n'
    """

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._half = bytearray()
        self._skipping = False

    def cut(self, piece: bytes) -> Cut:
        """Return the lines that `piece` completes, and hold back the rest of it."""
        start = 0
        if self._skipping:
            start = piece.find(NEWLINE) + 1
            if start == 0:
                return Cut(b"", 0)
            self._skipping = False
        end = piece.rfind(NEWLINE, start) + 1
        lines, skipped = b"", 0
        if end > start:
            whole = b"".join((self._half, memoryview(piece)[start:end]))
            lines, skipped = without_long_lines(whole, self._limit)
            self._half.clear()
            start = end
        self._half += memoryview(piece)[start:]
        if len(self._half) > self._limit:
            self._half.clear()
            self._skipping = True
            skipped += 1
        return Cut(lines, skipped)

    def finish(self) -> bytes:
        """Return the unfinished last line with a newline, or nothing if none is held.

        What is appended to that line later is skipped, so that no torn rest of it is taken for a
        line of its own.
        """
        if not self._half:
            return b""
        line = bytes(self._half) + NEWLINE
        self._half.clear()
        self._skipping = True
        return line

    def forget(self) -> None:
        """Drop what is held: what comes next begins a line."""
        self._half.clear()
        self._skipping = False


def without_long_lines(lines: bytes, limit: int) -> Cut:
    r"""Return whole `lines` without those of over `limit` bytes, newline not counted.

    >>> without_long_lines(b"short\nfar too long\nlast\n", limit=6)
    Cut(lines=b'short\nlast\n', skipped=1)
    """
    window = limit + len(NEWLINE)
    kept: list[bytes] = []
    begin = position = 0
    skipped = 0
    while len(lines) - position > window:
        # All lines that end within a window are short enough: one look per window, not per line.
        end = lines.rfind(NEWLINE, position, position + window) + 1
        if end == 0:
            kept.append(lines[begin:position])
            end = begin = lines.index(NEWLINE, position + window) + 1
            skipped += 1
        position = end
    if skipped == 0:
        return Cut(lines, 0)
    kept.append(lines[begin:])
    return Cut(b"".join(kept), skipped)
