"""TensorFlow's tensors and scalars of summaries, as far as they hold one number or one text."""

import numpy as np

from trainmon.wire.protobuf import (
    MalformedError,
    fields,
    message_of,
    number_of,
    signed,
    varint,
)

_DTYPE, _CONTENT = 1, 4

_HALF, _BFLOAT16, _STRING, _BOOL = 19, 14, 7, 10

_KINDS = {
    1: ("<f4", 5),
    2: ("<f8", 6),
    3: ("<i4", 7),
    4: ("<u1", 7),
    5: ("<i2", 7),
    6: ("<i1", 7),
    9: ("<i8", 10),
    _BOOL: ("<u1", 11),
    17: ("<u2", 7),
    _HALF: ("<f2", 13),
    22: ("<u4", 16),
    23: ("<u8", 17),
}
"""By type: how one value lies in `tensor_content`, and the repeated field that may hold it."""

_TEXT_FIELD, _HALF_FIELD = 8, 13


def number_in(tensor: bytes) -> float | None:
    """Return the number that a TensorProto of one element holds, else None."""
    found = dict(fields(tensor))
    kind = number_of(found.get(_DTYPE, 0))
    form, field = _KINDS.get(kind, ("", _HALF_FIELD))
    content = message_of(found.get(_CONTENT, b""))
    if kind == _BFLOAT16:
        return _bfloat16(int.from_bytes(content, "little") if content else _packed(found, field))
    if not form:
        return None
    value = np.dtype(form)
    if content:
        return float(np.frombuffer(content, value)[0]) if len(content) == value.itemsize else None
    if form in {"<f4", "<f8"}:
        packed = message_of(found.get(field, bytes(value.itemsize)))
        return float(np.frombuffer(packed, value)[0]) if len(packed) == value.itemsize else None
    bits = _packed(found, field)
    if kind == _HALF:
        return float(np.array([bits & 0xFFFF], np.uint16).view(np.float16)[0])
    return float(bits if form[1] == "u" else signed(bits))


def text_in(tensor: bytes) -> bytes | None:
    """Return the first text of a TensorProto of strings, else None."""
    kind = 0
    for number, content in fields(tensor):
        if number == _DTYPE:
            kind = number_of(content)
        elif number == _TEXT_FIELD and kind == _STRING:
            return message_of(content)
    return None


def _packed(found: dict[int, int | bytes], field: int) -> int:
    """Return the only number of a repeated field of varints; zeros are left out when written."""
    content = found.get(field, 0)
    if isinstance(content, int):
        return content
    number, end = varint(content, 0)
    if end != len(content):
        raise MalformedError("a tensor of several numbers")
    return number


def _bfloat16(bits: int) -> float:
    return float(np.array([(bits & 0xFFFF) << 16], np.uint32).view(np.float32)[0])
