"""LevelDB's log format: records in chunks that do not cross the borders of 32 kB blocks.

A chunk is the checksum of what follows its length (4 bytes), the length (2), the type (1) and the
data; see https://github.com/google/leveldb/blob/main/doc/log_format.md. W&B takes the plain
CRC-32 in place of a masked CRC-32C.
"""

import zlib
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct

BLOCK = 32_768
"""Bytes of a block."""

RECORD_LIMIT = 1 << 20
"""Bytes of a record that is read (1 MiB): longer ones hold no metrics but tables or outputs."""

_HEADER = Struct("<IHB")


class _Type(IntEnum):
    """Which part of a record a chunk is."""

    FULL = 1
    FIRST = 2
    MIDDLE = 3
    LAST = 4


_TYPES = frozenset(_Type)


@dataclass(slots=True)
class Cut:
    """The records of a read, and how many damaged places there were."""

    records: list[bytes] = field(default_factory=list)
    corrupt: int = 0


class LogCutter:
    """Cuts what is appended to a file into records. Owned by its source.

    `offset` is the place in the file of the first byte to come, as blocks are counted from the
    file's beginning. After a damaged chunk the next one is believed once; else the rest of the
    block is left out, as its lengths say nothing any more.
    """

    def __init__(self, offset: int = 0) -> None:
        self._held = bytearray()
        self._offset = offset
        self._needed = 0
        self._to_pass = 0
        self._doubt = False
        self._record: bytearray | None = None
        """What has come of a record in several chunks; None outside of one."""

    def cut(self, data: bytes) -> Cut:
        """Return the records that are whole with these further bytes."""
        cut = Cut()
        self._held += data
        at = 0
        while len(self._held) - at >= max(self._needed, 1):
            taken = self._pass(at) if self._to_pass else self._chunk(cut, at)
            if not taken:
                break
            at += taken
            self._offset += taken
        del self._held[:at]
        return cut

    def _pass(self, at: int) -> int:
        passed = min(self._to_pass, len(self._held) - at)
        self._to_pass -= passed
        return passed

    def _chunk(self, cut: Cut, at: int) -> int:
        """Take in the chunk at a place; return the bytes it takes, 0 if it is not whole."""
        self._needed = 0
        here, room = len(self._held) - at, BLOCK - self._offset % BLOCK
        if room < _HEADER.size:
            self._to_pass = room
            return self._pass(at)
        if here < _HEADER.size:
            self._needed = _HEADER.size
            return 0
        checksum, length, kind = _HEADER.unpack_from(self._held, at)
        size = _HEADER.size + int(length)
        if size > room or kind not in _TYPES:
            return self._leave_out(cut, at, room)
        if size > here:
            self._needed = size
            return 0
        content = bytes(self._held[at + _HEADER.size : at + size])
        if zlib.crc32(content, zlib.crc32(bytes([kind]))) != checksum:
            return self._leave_out(cut, at, room if self._doubt else size)
        self._doubt = False
        self._join(cut, kind, content)
        return size

    def _leave_out(self, cut: Cut, at: int, size: int) -> int:
        """Pass over what is damaged, with the record that it is in."""
        cut.corrupt += not self._doubt
        self._doubt = True
        self._record = None
        self._to_pass = size
        return self._pass(at)

    def _join(self, cut: Cut, kind: int, content: bytes) -> None:
        if kind == _Type.FULL:
            cut.records.append(content)
            self._record = None
        elif kind == _Type.FIRST:
            self._record = bytearray(content)
        elif self._record is not None:
            self._record += content
            if len(self._record) > RECORD_LIMIT:
                self._record = None
            elif kind == _Type.LAST:
                cut.records.append(bytes(self._record))
                self._record = None
