import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.wire.protobuf import MalformedError, fields, signed, varint


def test_fields_of_every_kind_are_told_apart() -> None:
    message = b"\x08\x05" + b"\x11" + bytes(8) + b"\x1a\x02ab" + b"\x25" + bytes(4)
    assert list(fields(message)) == [(1, 5), (2, bytes(8)), (3, b"ab"), (4, bytes(4))]


@pytest.mark.parametrize(
    "message",
    [b"\x80" * 11, b"\x08", b"\x12\x05abc", b"\x0b", b"\x11\x00"],
    ids=["endless number", "no value", "too short", "group", "half a double"],
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(MalformedError):
        list(fields(message))


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_refused(message: bytes) -> None:
    try:
        found = list(fields(message))
    except MalformedError:
        return
    assert sum(len(content) for _, content in found if isinstance(content, bytes)) <= len(message)


def test_negative_numbers_take_ten_bytes() -> None:
    number, end = varint(b"\xff" * 9 + b"\x01", 0)
    assert (signed(number), end) == (-1, 10)
