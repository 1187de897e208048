"""How far a file was read, and the bytes that prove that it is still the same file."""

import os
from dataclasses import dataclass
from typing import Self

WITNESS = 64
"""Bytes remembered from the head of a file and from before the place: enough to hold the time
stamp that begins most logs, and few enough that comparing them costs 2 us."""


@dataclass(frozen=True, slots=True)
class Place:
    r"""A place in a file that only grows, with witnesses of what was read up to there.

    A file that was truncated and has grown past the place again (``copytruncate``, a restarted
    run that writes to the same name) has the same inode and a larger size; only its bytes tell.
    One that is the same in its first bytes and in those before the place passes for the old one.

    >>> Place().after(b"one line\n").offset
    9
    """

    offset: int = 0
    head: bytes = b""
    tail: bytes = b""

    def after(self, piece: bytes) -> Self:
        """Return the place behind `piece`, which was read here."""
        return type(self)(
            offset=self.offset + len(piece),
            head=self.head + piece[: WITNESS - len(self.head)],
            tail=(self.tail + piece[-WITNESS:])[-WITNESS:],
        )

    def holds(self, descriptor: int, size: int) -> bool:
        """Return whether the file of `size` bytes still holds what was read up to here.

        Raises OSError as ``os.pread`` does.
        """
        return (
            size >= self.offset
            and os.pread(descriptor, len(self.head), 0) == self.head
            and os.pread(descriptor, len(self.tail), self.offset - len(self.tail)) == self.tail
        )
