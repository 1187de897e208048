"""The protobuf wire format, as far as logs need it: fields by their numbers, no schemas.

See https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Iterator
from struct import unpack

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5

_VARINT_BYTES = 10
"""Bytes of the longest varint: 64 bits, seven in each."""

Field = tuple[int, int | bytes]


class MalformedError(ValueError):
    """Bytes that are no protobuf message."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    r"""Return the unsigned number at a place and where it ends, or raise `MalformedError`.

    >>> varint(b"\xac\x02", 0)
    (300, 2)
    """
    number = 0
    for index, byte in enumerate(data[at : at + _VARINT_BYTES]):
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return number & 0xFFFF_FFFF_FFFF_FFFF, at + index + 1
    raise MalformedError("a number without an end")


def fields(message: bytes) -> Iterator[Field]:
    r"""Yield the number and the content of each field, in order, or raise `MalformedError`.

    Varints come as unsigned integers, all else as its bytes.

    >>> list(fields(b"\x08\x96\x01\x12\x02hi"))
    [(1, 150), (2, b'hi')]
    """
    at, size = 0, len(message)
    while at < size:
        key, at = varint(message, at)
        wire_type = key & 7
        if wire_type == _VARINT:
            number, at = varint(message, at)
            yield key >> 3, number
            continue
        if wire_type == _LENGTH:
            length, at = varint(message, at)
        elif wire_type in {_EIGHT_BYTES, _FOUR_BYTES}:
            length = 8 if wire_type == _EIGHT_BYTES else 4
        else:
            raise MalformedError(f"wire type {wire_type}")
        if at + length > size:
            raise MalformedError("a field beyond the end")
        yield key >> 3, message[at : at + length]
        at += length


def message_of(content: int | bytes) -> bytes:
    """Return a field's content that should be bytes, or raise `MalformedError`."""
    if isinstance(content, int):
        raise MalformedError("a number where bytes belong")
    return content


def number_of(content: int | bytes) -> int:
    """Return a field's content that should be a varint, or raise `MalformedError`."""
    if isinstance(content, bytes):
        raise MalformedError("bytes where a number belongs")
    return content


def signed(number: int) -> int:
    """Return an unsigned 64-bit number as the signed one of the same bits.

    >>> signed(2**64 - 1)
    -1
    """
    return number - (1 << 64) if number >> 63 else number


def text_of(content: int | bytes) -> str:
    """Return a field's content as text; what is no UTF-8 is replaced."""
    return message_of(content).decode(errors="replace")


def double_of(content: int | bytes) -> float:
    """Return a field's content that should be a double, or raise `MalformedError`."""
    return _unpacked("<d", content)


def float_of(content: int | bytes) -> float:
    """Return a field's content that should be a float, or raise `MalformedError`."""
    return _unpacked("<f", content)


def _unpacked(form: str, content: int | bytes) -> float:
    content = message_of(content)
    if len(content) != (8 if form == "<d" else 4):
        raise MalformedError("a number of another size")
    value: float = unpack(form, content)[0]
    return value
