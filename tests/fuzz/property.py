"""What must hold for any bytes a source may be given, recognised or not."""

from itertools import repeat
from pathlib import Path

from tests.sources.flat import all_of, monotone, read_in_pieces
from trainmon.errors import FormatError
from trainmon.source import Framing, Head, Source
from trainmon.sources import choose

ROWS_PER_BYTE = 1
"""Records that a byte may bring at most: what brings more is a bomb."""


def holds(kind: type[Source], data: bytes) -> None:
    """Raise AssertionError, or whatever a source should not raise, if something does not hold.

    The first byte says how the rest is cut; content may tell another format than `kind`, which
    must read it all the same.
    """
    size, log = 1 + 4 * data[0], data[1:]
    choose(Head(log))
    choose(Head(log, whole=True))
    path = Path("log")
    try:
        whole = read_in_pieces(kind, log, repeat(max(len(log), 1)), path)
    except FormatError:
        return
    assert all(map(monotone, whole)), "rows stand out of order"
    read = all_of(whole)
    assert len(read[0]) <= ROWS_PER_BYTE * len(log), "more records than bytes"
    if kind.framing is not Framing.DOCUMENT:
        pieces = all_of(read_in_pieces(kind, log, repeat(size), path))
        assert pieces == read, f"pieces of {size} bytes are read otherwise"
