"""Writes what W&B's clients write, as far as tests need it."""

import json
import zlib
from collections.abc import Iterable, Mapping
from struct import pack
from typing import Any

HEADER = b":W&B\xe1\xbe\x00"
BLOCK = 32_768


def wandb_file(records: Iterable[bytes]) -> bytes:
    """Return a file with these records, cut into chunks at the borders of blocks."""
    data = bytearray(HEADER)
    for record in records:
        kinds = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}
        first, rest = True, record
        while first or rest:
            room = BLOCK - len(data) % BLOCK
            if room < 7:
                data += bytes(room)
                continue
            part, rest = rest[: room - 7], rest[room - 7 :]
            data += chunk(kinds[first, not rest], part)
            first = False
    return bytes(data)


def chunk(kind: int, part: bytes) -> bytes:
    checksum = zlib.crc32(part, zlib.crc32(bytes([kind])))
    return pack("<IHB", checksum, len(part), kind) + part


def history(values: Mapping[str, Any]) -> bytes:
    return _message(2, _items(values))


def config(values: Mapping[str, Any]) -> bytes:
    return _message(5, _items(values))


def run(name: str, settings: Mapping[str, Any]) -> bytes:
    return _message(17, _message(8, name.encode()) + _message(4, _items(settings)))


def stats(time: int, values: Mapping[str, Any]) -> bytes:
    items = b"".join(
        _message(3, _message(1, key.encode()) + _message(16, json.dumps(value).encode()))
        for key, value in values.items()
    )
    return _message(7, _message(2, b"\x08" + varint(time)) + items)


def exit_record(code: int) -> bytes:
    return _message(18, b"\x08" + varint(code) if code else b"")


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def _items(values: Mapping[str, Any]) -> bytes:
    return b"".join(_message(1, _item(key, value)) for key, value in values.items())


def _item(key: str, value: object) -> bytes:
    names = key.split("/") if key.startswith("nested/") else []
    name = b"".join(_message(2, part.encode()) for part in names) or _message(1, key.encode())
    return name + _message(16, json.dumps(value).encode())


def _message(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content
