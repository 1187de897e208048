"""W&B's Record messages: the parts of them that tell of a run, as plain values."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from trainmon.wire.protobuf import (
    double_of,
    fields,
    message_of,
    number_of,
    signed,
    text_of,
)

HISTORY, CONFIG, STATS, RUN, EXIT = 2, 5, 7, 17, 18
"""Fields of a Record, one of which it has."""

_ITEM, _STEP = 1, 2
_KEY, _NESTED_KEY, _BOOLEAN, _INTEGER, _NUMBER, _JSON, _VALUE_JSON = 1, 2, 4, 5, 6, 8, 16
_UPDATE = 1
_RUN_ID, _RUN_CONFIG, _DISPLAY_NAME = 1, 4, 8
_TIMESTAMP, _STATS_ITEM = 2, 3
_SECONDS, _NANOSECONDS = 1, 2


def history(message: bytes) -> dict[str, Any]:
    """Return the values of a history row by name; ``_step`` among them if it is told.

    Raises `MalformedError`, as all functions here do.
    """
    row: dict[str, Any] = {}
    for number, content in fields(message):
        if number == _ITEM:
            row.update(_items(message_of(content)))
        elif number == _STEP:
            row.setdefault("_step", _number_field(message_of(content), 1))
    return row


def config(message: bytes) -> dict[str, Any]:
    """Return the settings that a ConfigRecord tells, without those that W&B adds."""
    settings: dict[str, Any] = {}
    for number, content in fields(message):
        if number == _UPDATE:
            settings.update(_items(message_of(content)))
    return {name: value for name, value in settings.items() if not name.startswith("_wandb")}


def run(message: bytes) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings that a RunRecord tells."""
    found = dict(fields(message))
    name = text_of(found.get(_DISPLAY_NAME, b"")) or text_of(found.get(_RUN_ID, b""))
    return name, config(message_of(found.get(_RUN_CONFIG, b"")))


def exit_code(message: bytes) -> int:
    """Return the code that the training process ended with."""
    return _number_field(message, 1)


def stats(message: bytes) -> tuple[float, dict[str, Any]]:
    """Return the time in Unix seconds and the values of a StatsRecord, under W&B's names."""
    time, values = float("nan"), dict[str, Any]()
    for number, content in fields(message):
        if number == _TIMESTAMP:
            stamp = message_of(content)
            time = _number_field(stamp, _SECONDS) + _number_field(stamp, _NANOSECONDS) / 1e9
        elif number == _STATS_ITEM:
            values.update(_items(message_of(content)))
    return time, values


def _items(message: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of an item, if it has a value that is read."""
    name, nested, value = "", list[str](), None
    for number, content in fields(message):
        if number == _KEY:
            name = text_of(content)
        elif number == _NESTED_KEY:
            nested.append(text_of(content))
        else:
            value = _value(number, content, value)
    name = name or "/".join(nested)
    if name and value is not None:
        yield name, value


def _value(number: int, content: int | bytes, otherwise: Any) -> Any:  # noqa: ANN401 - JSON
    if number in {_JSON, _VALUE_JSON}:
        return _parsed(message_of(content))
    if number == _NUMBER:
        return double_of(content)
    if number == _INTEGER:
        zigzag = number_of(content)
        return zigzag >> 1 ^ -(zigzag & 1)
    if number == _BOOLEAN:
        return bool(number_of(content))
    return otherwise


def _parsed(text: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Return a value in JSON, None if it is none; bare NaN and Infinity are read as well."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None


def _number_field(message: bytes, wanted: int) -> int:
    """Return a signed number of a message; 0, which is not written, if it has none."""
    for number, content in fields(message):
        if number == wanted:
            return signed(number_of(content))
    return 0
