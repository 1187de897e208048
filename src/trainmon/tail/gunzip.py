"""Decompress what was compressed with gzip, piece by piece and never more than asked for."""

import zlib

MAGIC = b"\x1f\x8b\x08"
"""How every gzip stream begins; no text does."""

RAW_PIECE = 64 << 10
"""Compressed bytes taken at once (64 KiB): a read of half a megabyte of text needs about one."""

_GZIP = 16 + zlib.MAX_WBITS
"""What tells zlib to expect the header and check sum of gzip around the stream."""


class Gunzip:
    r"""A stream of one or more gzip members, as ``cat a.gz b.gz`` and appending writers make.

    Memory is bounded by the pieces put in and the limit on what comes out, so that a stream that
    unfolds a thousandfold is only as heavy as it is read.

    >>> import gzip
    >>> stream = Gunzip()
    >>> stream.put(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    >>> stream.take(6), stream.take(6), stream.hungry
    (b'one\ntw', b'o\n', True)
    """

    def __init__(self) -> None:
        self.complete = True
        """Whether what was put in ends where a member does."""
        self.damaged = False
        """Whether what was put in is no gzip any more: nothing further comes out."""
        self._member = zlib.decompressobj(_GZIP)
        self._waiting = b""
        self._full = False  # the last call stopped at its limit: zlib may hold more

    @property
    def hungry(self) -> bool:
        """Whether further input is needed for further output."""
        return not (self._waiting or self._full)

    def put(self, piece: bytes) -> None:
        """Take in further compressed bytes."""
        if not self.damaged:
            self._waiting += piece

    def take(self, limit: int) -> bytes:
        """Return at most `limit` decompressed bytes of what was put in."""
        taken: list[bytes] = []
        room = limit
        while room and not self.hungry:
            if self.complete and not self._full:
                self._waiting = self._waiting.lstrip(b"\0")  # the padding of tapes is no damage
                if not self._waiting:
                    break
                self._member = zlib.decompressobj(_GZIP)
            piece = self._unfolded(room)
            taken.append(piece)
            room -= len(piece)
        return b"".join(taken)

    def _unfolded(self, room: int) -> bytes:
        """Return the next output of the member that is open, and keep the input that is left."""
        try:
            piece = self._member.decompress(self._waiting, room)
        except zlib.error:
            self.damaged, self._waiting, self._full = True, b"", False
            return b""
        self.complete = self._member.eof
        self._waiting = self._member.unused_data if self.complete else self._member.unconsumed_tail
        self._full = not self.complete and len(piece) == room
        return piece
