"""What an existing file tells about the attempt that wrote to it last."""

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from trainmon.record import EVENT_KEY, HEADER_KEY, LINE_LIMIT, EventKind

_HEADER_START = f'\n{{"{HEADER_KEY}":'.encode()

_CHUNK = 1 << 20
"""Bytes read at once (1 MiB) on the way back to the last header: few calls, little memory."""

_LAST_LINE = 4096
"""Bytes read of a file's end, in which a finish event fits many times over."""


class Past(NamedTuple):
    """The last header of a file (empty if it has none that can be read), and how the file ends."""

    header: Mapping[str, object]
    finished: bool
    half_line: bool

    @property
    def attempt(self) -> int:
        """The number of the last attempt, 0 for the first."""
        attempt = self.header.get("attempt")
        return attempt if isinstance(attempt, int) else 0


def past_of(path: str) -> Past | None:
    """Return what the file at `path` tells, or None if it is empty.

    Raises `OSError` if it is missing, cannot be read, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is not a regular file")
        size = status.st_size
        if size == 0:
            return None
        tail = os.pread(descriptor, _LAST_LINE, max(0, size - _LAST_LINE))
        last = _parsed(tail.rstrip(b"\n").rpartition(b"\n")[2])
        return Past(
            header=_last_header(descriptor, size),
            finished=last.get(EVENT_KEY) == EventKind.FINISH,
            half_line=not tail.endswith(b"\n"),
        )
    finally:
        os.close(descriptor)


def _last_header(descriptor: int, size: int) -> Mapping[str, object]:
    for end in range(size, 0, -_CHUNK):
        start = max(0, end - _CHUNK)
        # The overlap with the chunk behind it finds a header whose first bytes lie on the seam.
        block = os.pread(descriptor, end - start + len(_HEADER_START), start)
        found = block.rfind(_HEADER_START)
        if found >= 0:
            return _header_at(descriptor, start + found + 1)
    return _header_at(descriptor, 0)


def _header_at(descriptor: int, offset: int) -> Mapping[str, object]:
    header = _parsed(os.pread(descriptor, LINE_LIMIT, offset).partition(b"\n")[0])
    return header if HEADER_KEY in header else {}


def _parsed(line: bytes) -> Mapping[str, object]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
