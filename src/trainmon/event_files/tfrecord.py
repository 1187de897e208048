"""TFRecord files: records with their length ahead and checksums of both.

A record is its length (8 bytes), the length's checksum (4), the data, the data's checksum (4), all
little-endian: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from trainmon.wire.crc32c import crc32c, crc32c_of_spans, masked

RECORD_LIMIT = 1 << 20
"""Bytes of a record that is read (1 MiB): one with 10,000 scalars has less. Images, graphs and
embeddings that are longer are passed over by their length, without being held."""

_HEADER = Struct("<QI")
HEADER_BYTES = _HEADER.size
"""Bytes ahead of a record's data: its length and the length's checksum."""

_CHECKSUM_BYTES = 4
_AROUND = HEADER_BYTES + _CHECKSUM_BYTES


_SEARCHED = 2_048
"""Bytes of a stretch in which the first record is searched for: records of scalars have a hundred,
and a search takes 0.1 ms."""


@dataclass(slots=True)
class Records:
    """Whole records of a read, as spans of `data`, and what was wrong among them."""

    data: bytes = b""
    spans: list[tuple[int, int]] = field(default_factory=list)
    corrupt: int = 0
    """Records whose data does not match their checksum."""
    gaps: int = 0
    """Stretches that hold no record where one should begin."""


def length_at(data: bytes, at: int) -> int | None:
    """Return the length of the record that begins at a place, None if none does or seems to."""
    if len(data) - at < HEADER_BYTES:
        return None
    length, checksum = _HEADER.unpack_from(data, at)
    return int(length) if checksum == _checksum_of(length) else None


def whole_records(block: bytes, most: int, *, torn: bool) -> bytes:
    """Return up to `most` whole records of a stretch of a file, the first of which may be torn."""
    start = 0
    if torn:
        start = next((at for at in _headers_in(block[:_SEARCHED]) if at), len(block))
    end = start
    for _ in range(most):
        length = length_at(block, end)
        if length is None or end + length + _AROUND > len(block):
            break
        end += length + _AROUND
    return block[start:end]


class RecordCutter:
    """Cuts what is appended to a file into records. Owned by its source.

    A record that is damaged is left out. Where even its length is, the next place whose bytes are
    a length and its checksum is searched for, which by chance happens once in four billion bytes.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._needed = HEADER_BYTES
        self._to_pass = 0
        """Bytes of a record too long to be read that are still to come."""
        self._lost = False

    def cut(self, data: bytes) -> Records:
        """Return the records that are whole with these further bytes."""
        self._held += data
        if len(self._held) < self._needed and not self._to_pass:
            return Records()
        records = Records(bytes(self._held))
        at = self._walk(records)
        del self._held[:at]
        _drop_corrupt(records)
        return records

    def _walk(self, records: Records) -> int:
        """Collect the spans of whole records; return where what is held back begins."""
        data, size, at = records.data, len(records.data), 0
        headers: list[int] | None = None
        self._needed = HEADER_BYTES
        while True:
            if self._to_pass:
                passed = min(self._to_pass, size - at)
                self._to_pass -= passed
                at += passed
            if size - at < HEADER_BYTES:
                return at
            length = length_at(data, at)
            if length is None:
                records.gaps += not self._lost
                self._lost = True
                headers = _headers_in(data) if headers is None else headers
                following = bisect_right(headers, at)
                # The last bytes may begin a header whose end is still to come.
                tail = size - HEADER_BYTES + 1
                at = headers[following] if following < len(headers) else tail
                continue
            self._lost = False
            if length > RECORD_LIMIT:
                self._to_pass = length + _AROUND
            elif at + length + _AROUND > size:
                self._needed = length + _AROUND
                return at
            else:
                start = at + HEADER_BYTES
                records.spans.append((start, start + length))
                at += length + _AROUND


@lru_cache(maxsize=4096)
def _checksum_of(length: int) -> int:
    """Return the checksum that stands behind a length: the records of a log have few lengths."""
    return int(masked(crc32c(length.to_bytes(8, "little"))))


def _headers_in(data: bytes) -> list[int]:
    """Return all places at which eight bytes are followed by their checksum."""
    starts = np.arange(len(data) - HEADER_BYTES + 1)
    words = masked(crc32c_of_spans(data, starts, starts + 8).astype(np.uint64))
    headers: list[int] = np.flatnonzero(words == _words_at(data, starts + 8)).tolist()
    return headers


def _drop_corrupt(records: Records) -> None:
    """Leave out, in place, the records whose data does not match their checksum."""
    if not records.spans:
        return
    spans = np.array(records.spans, np.int64)
    words = masked(crc32c_of_spans(records.data, spans[:, 0], spans[:, 1]).astype(np.uint64))
    sound = words == _words_at(records.data, spans[:, 1])
    if not sound.all():
        records.corrupt = int((~sound).sum())
        records.spans = [span for span, kept in zip(records.spans, sound, strict=True) if kept]


def _words_at(data: bytes, places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the little-endian 32-bit number at each of some places."""
    every = np.frombuffer(data, np.uint8)
    words = np.zeros(len(places), np.uint64)
    for index in range(4):
        words |= every[places + index].astype(np.uint64) << np.uint64(8 * index)
    return words
