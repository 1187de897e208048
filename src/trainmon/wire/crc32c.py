"""CRC-32C (Castagnoli) as TFRecord files use it, of many short records at once.

A loop over single bytes in Python reads some 10 MB/s; here each numpy call advances all records by
one byte, which is ten to twenty times as quick. Long records are cut into blocks that advance side
by side and are joined afterwards, which works because the CRC is linear.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Places = NDArray[np.int64]

_POLYNOMIAL = 0x82F63B78
"""Castagnoli's, bits reversed."""

_BLOCK = 256
"""Bytes of a block of a long record: numpy is called per byte of one, Python joins each."""

_FEW = 2_000
"""Bytes below which the loop in Python is quicker than the numpy calls it saves."""


def _table() -> Words:
    words = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        words = np.where(words & 1, (words >> 1) ^ np.uint32(_POLYNOMIAL), words >> 1)
    return words.astype(np.uint32)


_TABLE = _table()
_TABLE_OF_INTEGERS: list[int] = _TABLE.tolist()


def crc32c(data: bytes) -> int:
    """Return the checksum of some bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    word = 0xFFFF_FFFF
    for byte in data:
        word = _TABLE_OF_INTEGERS[(word ^ byte) & 0xFF] ^ (word >> 8)
    return word ^ 0xFFFF_FFFF


def masked(word: Any) -> Any:  # noqa: ANN401 - a number or an array of 64-bit numbers
    """Return a checksum as TFRecord stores it: rotated and shifted, so that none is of itself."""
    return (((word >> 15) | (word << 17)) + 0xA282_EAD8) & 0xFFFF_FFFF


def crc32c_of_spans(data: bytes, starts: Places, ends: Places) -> Words:
    """Return the checksum of each span of some bytes."""
    if int((ends - starts).sum()) < _FEW:
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.array([crc32c(data[start:end]) for start, end in spans], np.uint32)
    # The first block of a record is the odd one, as all that follow must have one length.
    blocks = np.maximum((ends - starts - 1) // _BLOCK, 0)
    firsts = ends - blocks * _BLOCK
    words = _registers(data, starts, firsts, 0xFFFF_FFFF)
    ahead = np.cumsum(blocks) - blocks
    of_record = np.arange(blocks.sum()) - np.repeat(ahead, blocks)
    block_starts = np.repeat(firsts, blocks) + _BLOCK * of_record
    of_blocks = _registers(data, block_starts, block_starts + _BLOCK, 0)
    for index in np.flatnonzero(blocks).tolist():
        own = of_blocks[ahead[index] : ahead[index] + blocks[index]]
        words[index] = _joined(int(words[index]), own)
    return words ^ np.uint32(0xFFFF_FFFF)


def _registers(data: bytes, starts: Places, ends: Places, initial: int) -> Words:
    """Return the register after each span, all of them advanced byte by byte together."""
    every = np.frombuffer(data, np.uint8)
    order = np.argsort(starts - ends, kind="stable")  # longest first: those that go on are a prefix
    places, lengths = starts[order], (ends - starts)[order]
    words = np.full(len(starts), initial, np.uint32)
    going = np.searchsorted(-lengths, -np.arange(lengths.max(initial=0)), side="left").tolist()
    for offset, count in enumerate(going):
        here = words[:count]
        here[:] = _TABLE[(here ^ every[places[:count] + offset]) & 0xFF] ^ (here >> 8)
    registers = np.empty_like(words)
    registers[order] = words
    return registers


def _joined(word: int, blocks: Words) -> int:
    """Return the register after further whole blocks, given theirs from zero."""
    low, second, third, high = _over_a_block()
    for block in blocks.tolist():
        word = (
            low[word & 0xFF]
            ^ second[word >> 8 & 0xFF]
            ^ third[word >> 16 & 0xFF]
            ^ high[word >> 24]
            ^ block
        )
    return word


@cache
def _over_a_block() -> tuple[list[int], ...]:
    """Return what each byte of a register becomes over a block of zeros."""
    words = (
        np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32))[:, None]
    ).astype(np.uint32)
    for _ in range(_BLOCK):
        words = _TABLE[words & 0xFF] ^ (words >> 8)
    return tuple(words.tolist())
