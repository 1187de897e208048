"""How far a file was read, and the bytes that prove that it is still the same file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

Identity = tuple[int, int]
"""Device and inode."""

Look = tuple[int, ...]
"""What changes when a file is written to or replaced."""

Pread = Callable[[int, int, int], bytes]
"""Reads as ``os.pread`` does: descriptor, number of bytes, offset."""

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

    def holds(self, descriptor: int, pread: Pread = os.pread) -> bool:
        """Return whether the file still holds what was read up to here.

        Raises OSError as ``os.pread`` does.
        """
        return (
            _exactly(pread, descriptor, len(self.head), 0) == self.head
            and _exactly(pread, descriptor, len(self.tail), self.offset - len(self.tail))
            == self.tail
        )


def identity_of(status: os.stat_result) -> Identity:
    """Return what tells a file from all others while it exists."""
    return status.st_dev, status.st_ino


def look_of(status: os.stat_result) -> Look:
    """Return what changes when a file is written to or replaced."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _exactly(pread: Pread, descriptor: int, size: int, offset: int) -> bytes:
    """Return `size` bytes, fewer only at the end of the file: one read may give less."""
    content = pread(descriptor, size, offset)
    while content and len(content) < size:
        further = pread(descriptor, size - len(content), offset + len(content))
        if not further:
            break
        content += further
    return content
