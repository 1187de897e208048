"""A quick look at the whole of a large log: blocks spread evenly over it, unjudged.

Reading two gigabytes takes seconds; reading 64 blocks of it and its end takes milliseconds, and
shows what a screen can show.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from trainmon.errors import FormatError, ReadError
from trainmon.source import Source
from trainmon.store.lane import Lane
from trainmon.store.lane_view import LaneView
from trainmon.tail import open_regular

FROM_BYTES = 8 << 20
"""Size from which a log is worth a preview (8 MiB): smaller ones take a tenth of a second."""

_BLOCKS = 64
"""Blocks looked at, two curve points wide each on most screens."""

_BLOCK_BYTES = 32 << 10
"""Bytes of a block (32 kB): a hundred records of ten metrics."""

_BLOCK_RECORDS = 128
"""Records of a block that are read: of shorter ones more would show as the same two points."""

_END_BYTES = 256 << 10
"""Bytes of the log's end that are read whole, as the newest matters most."""


def preview(path: Path, kind: type[Source]) -> LaneView | None:
    """Return the last run of a log as far as the samples tell it.

    None if the log is not worth it, is in a format that cannot be read from the middle, or cannot
    be read. Rows are numbered by themselves.
    """
    if kind.whole_records(b"", 1, torn=False) is None:
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
    for part in source.read(b"".join(_stretches(descriptor, size, source))):
        if part.begins_run:
            lane = Lane()
        lane.append(part.batch)
    return lane.view()


def _stretches(descriptor: int, size: int, source: Source) -> Iterator[bytes]:
    """Yield whole records of the beginning, of blocks between, and of the end."""
    end = size - _END_BYTES
    for index in range(_BLOCKS):
        start = index * (end - _BLOCK_BYTES) // (_BLOCKS - 1)
        block = os.pread(descriptor, _BLOCK_BYTES, start)
        yield source.whole_records(block, _BLOCK_RECORDS, torn=start > 0) or b""
    newest = os.pread(descriptor, _END_BYTES, end)
    yield source.whole_records(newest, _END_BYTES, torn=True) or b""
