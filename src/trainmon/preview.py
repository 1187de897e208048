"""A quick look at the whole of a large log: blocks spread evenly over it, unjudged.

Reading two gigabytes takes seconds; reading 64 blocks of it and its end takes milliseconds, and
shows what a screen can show.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from trainmon.errors import FormatError, ReadError
from trainmon.source import Framing, Source
from trainmon.store.lane import Lane, LaneView
from trainmon.tail import open_regular

FROM_BYTES = 8 << 20
"""Size from which a log is worth a preview (8 MiB): smaller ones are read in a tenth of a second."""

_BLOCKS = 64
"""Blocks looked at, two curve points wide each on most screens."""

_BLOCK_BYTES = 32 << 10
"""Bytes of a block (32 kB): a hundred records of ten metrics."""

_END_BYTES = 256 << 10
"""Bytes of the log's end that are read whole, as the newest matters most."""


def preview(path: Path, kind: type[Source]) -> LaneView | None:
    """Return the last run of a log as far as the samples tell it.

    None if the log is not worth it, is in a format that cannot be read from the middle, or cannot
    be read. Rows are numbered by themselves.
    """
    if kind.framing is not Framing.LINES:
        return None
    try:
        descriptor = open_regular(path)
    except (OSError, ReadError):
        return None
    try:
        size = os.fstat(descriptor).st_size
        return _sampled(descriptor, size, kind(path)) if size >= FROM_BYTES else None
    except (OSError, FormatError):
        return None
    finally:
        os.close(descriptor)


def _sampled(descriptor: int, size: int, source: Source) -> LaneView:
    lane = Lane()
    # All at once: reading block by block costs as much again.
    for part in source.read(b"".join(_blocks(descriptor, size))):
        if part.begins_run:
            lane = Lane()
        lane.append(part.batch)
    return lane.view()


def _blocks(descriptor: int, size: int) -> Iterator[bytes]:
    """Yield whole lines of the beginning, of blocks between, and of the end."""
    end = size - _END_BYTES
    for index in range(_BLOCKS):
        start = index * (end - _BLOCK_BYTES) // (_BLOCKS - 1)
        yield _whole_lines(os.pread(descriptor, _BLOCK_BYTES, start), torn=start > 0)
    yield _whole_lines(os.pread(descriptor, _END_BYTES, end), torn=True)


def _whole_lines(block: bytes, *, torn: bool) -> bytes:
    """Return the whole lines of a block, whose first one may be `torn`."""
    first = block.find(b"\n") + 1 if torn else 0
    return block[first : block.rfind(b"\n") + 1]
