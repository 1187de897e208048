"""One file of a log, read from its beginning on, compressed or not."""

import os
from typing import NamedTuple, Self

from trainmon.tail.gunzip import MAGIC, RAW_PIECE, Gunzip
from trainmon.tail.place import WITNESS, Identity, Place, Pread, identity_of


class Piece(NamedTuple):
    """What one read gave."""

    data: bytes
    more: bool
    """Whether more was there when the read began than it took."""
    status: os.stat_result
    """The file before the read: what is appended afterwards makes it look different."""


class PartFile:
    """Reads an open file on, and knows whether it is still the one that was read.

    `place` is how far its bytes were read; `told` how far its content was, which is the same
    unless it is compressed. The descriptor may be closed and given anew in between. All methods
    raise OSError as ``os.pread`` and ``os.fstat`` do.
    """

    def __init__(self, descriptor: int, pread: Pread = os.pread) -> None:
        self.descriptor: int | None = descriptor
        self.identity: Identity = identity_of(os.fstat(descriptor))
        self.place = Place()
        self.told = Place()
        self._pread = pread
        self._packed: bool | None = None  # not known before the first bytes are there
        self._gunzip = Gunzip()

    @classmethod
    def holding(cls, told: Place, descriptor: int, pread: Pread = os.pread) -> Self | None:
        """Return the file behind `told`, if it begins with the content that was read up to there.

        A compressed one is decompressed up to there, in bounded memory.
        """
        part = cls(descriptor, pread)
        if not part._is_packed(descriptor):
            if not told.holds(descriptor, pread):
                return None
            part.place = part.told = told
            return part
        while part.told.offset < told.offset:
            piece = part.read(min(told.offset - part.told.offset, RAW_PIECE))
            if piece is None or not (piece.data or piece.more):
                return None
            if not told.head.startswith(part.told.head):
                return None
        return part if part.told == told else None

    @property
    def cut_short(self) -> bool:
        """Whether what was read so far ends in the middle of compressed data."""
        return bool(self._packed) and not self._gunzip.complete and not self._gunzip.damaged

    @property
    def damaged(self) -> bool:
        """Whether compressed data was found to be damaged."""
        return self._gunzip.damaged

    def holds(self) -> bool:
        """Return whether the open file still holds what was read of it."""
        return self.descriptor is not None and self.place.holds(self.descriptor, self._pread)

    def ends_like(self, other: Self) -> bool:
        """Return whether the last bytes of this file are in their place in `other` too.

        Where one of them is compressed, this cannot be told, and is not denied.
        """
        assert self.descriptor is not None
        assert other.descriptor is not None
        if self._packed or other._packed:
            return True
        offset = max(os.fstat(self.descriptor).st_size - WITNESS, 0)
        end = self._pread(self.descriptor, WITNESS, offset)
        return self._pread(other.descriptor, len(end), offset) == end

    def read(self, limit: int) -> Piece | None:
        """Return at most `limit` further bytes of content; None if it is no longer that file.

        It is looked at after the reading: a file that is truncated and grows again in between
        would otherwise give bytes of its new content for the rest of the old.
        """
        assert self.descriptor is not None
        status = os.fstat(self.descriptor)
        packed = self._is_packed(self.descriptor)
        if packed is None:
            data, place = b"", self.place
        elif packed:
            data, place = self._unfolded(self.descriptor, limit)
        else:
            # A buffer of the whole limit for each line of a live file would take twice the time.
            room = min(limit, max(status.st_size - self.place.offset, 0))
            data = self._pread(self.descriptor, room, self.place.offset)
            place = self.place.after(data)
        if not self.place.holds(self.descriptor, self._pread):
            return None
        moved = place.offset > self.place.offset or bool(data)
        short = place.offset < status.st_size and not self.damaged
        self.place = place
        self.told = self.told.after(data) if packed else place
        waiting = bool(packed) and not self._gunzip.hungry
        return Piece(data, waiting or (short and moved), status)

    def _is_packed(self, descriptor: int) -> bool | None:
        """Return whether the content is compressed, by its first bytes; None if they are few."""
        if self._packed is None:
            first = self._pread(descriptor, len(MAGIC), 0)
            if first == MAGIC:
                self._packed = True
            elif first and not MAGIC.startswith(first):
                self._packed = False
        return self._packed

    def _unfolded(self, descriptor: int, limit: int) -> tuple[bytes, Place]:
        """Return what the next compressed bytes hold, and the place behind them."""
        place = self.place
        if self._gunzip.hungry:
            piece = self._pread(descriptor, RAW_PIECE, place.offset)
            place = place.after(piece)
            self._gunzip.put(piece)
        return self._gunzip.take(limit), place
