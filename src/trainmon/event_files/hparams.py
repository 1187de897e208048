"""Hyperparameters in event files: as TensorBoard's own plugin stores them, and as logged texts."""

import re
from collections.abc import Iterator

import orjson

from trainmon.wire.protobuf import (
    double_of,
    fields,
    message_of,
    number_of,
    text_of,
)

_SESSION_START, _PARAMETERS = 3, 1
_KEY, _VALUE = 1, 2
_NUMBER, _STRING, _BOOLEAN = 2, 3, 4

_TOLD = re.compile(r"arg|conf|param", re.IGNORECASE)
_OF_MODEL = re.compile(r"model", re.IGNORECASE)
"""Transformers logs the architecture as text too: its names are those of settings at times."""

_COLUMNS = 2
_TEXT_LIMIT = 256 << 10
"""Bytes of a text that is read as a table (256 kB): real ones have some kilobytes."""

Parameter = str | float | bool


def parameters_of_plugin(content: bytes) -> dict[str, Parameter]:
    """Return the values that a session of the plugin began with, or raise `MalformedError`."""
    parameters = {}
    for number, session in fields(content):
        if number != _SESSION_START:
            continue
        for field, entry in fields(message_of(session)):
            if field == _PARAMETERS:
                pair = dict(fields(message_of(entry)))
                value = _value(message_of(pair.get(_VALUE, b"")))
                if value is not None:
                    parameters[text_of(pair.get(_KEY, b""))] = value
    return parameters


def _value(message: bytes) -> Parameter | None:
    for number, content in fields(message):
        if number == _NUMBER:
            return double_of(content)
        if number == _STRING:
            return text_of(content)
        if number == _BOOLEAN:
            return bool(number_of(content))
    return None


def parameters_in_text(tag: str, content: bytes) -> dict[str, object]:
    r"""Return the settings that a logged text holds as JSON or as a table; empty if it is none.

    >>> parameters_in_text("hyperparameters", b"|param|value|\n|-|-|\n|seed|1|")
    {'seed': '1'}
    """
    if _OF_MODEL.search(tag) or not _TOLD.search(tag) or len(content) > _TEXT_LIMIT:
        return {}
    try:
        settings = orjson.loads(content)
    except orjson.JSONDecodeError:
        return dict(_rows_of_table(content.decode(errors="replace")))
    return settings if isinstance(settings, dict) else {}


def _rows_of_table(text: str) -> Iterator[tuple[str, str]]:
    """Yield the rows of a Markdown table of two columns, which follow a line of dashes."""
    begun = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != _COLUMNS:
            continue
        if begun:
            yield cells[0], cells[1]
        begun |= not any(cell.strip("-:") for cell in cells)
