"""The one border at which text from logs becomes safe to show.

Metric names, configurations and exception texts come from files that anyone can write.
What passes `clean` holds no control character, no escape sequence and no character that
reorders its neighbours, so that a terminal, a report or a browser shows it and does nothing else.
Markup such as ``[bold]`` stays as it is: no widget of ours reads markup.
"""

import re
import unicodedata
from typing import Any

NAME_LIMIT = 200
"""Characters kept of a name: longer ones are cut, as no screen shows more."""

PATH_LIMIT = 4_096
"""Characters kept of a path: systems allow no longer ones."""

TEXT_LIMIT = 20_000
"""Characters kept of a free text, such as a traceback."""

# C0 and C1 controls, DEL, bidirectional marks and isolates, line and paragraph separators,
# zero-width and invisible operators, the byte order mark, lone surrogates, tag characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_BUT_NEWLINE = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_BLOCK_KEYS = frozenset({"message", "text", "traceback", "why"})
"""Fields of events whose texts may have several lines."""

_DEPTH_LIMIT = 16
"""Levels of nesting that are kept of an event: configurations of real projects have two to five."""


def clean(text: str, limit: int = NAME_LIMIT) -> str:
    r"""Return `text` on one line, harmless to a terminal and at most `limit` characters long.

    >>> clean("\x1b]0;owned\x07loss")
    '�]0;owned�loss'
    >>> clean("a" * 300, limit=5)
    'aaaa…'
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSAFE.sub(_REPLACEMENT, text))


def clean_block(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""Return a text of several lines, harmless to a terminal; its newlines stay.

    >>> clean_block("first\r\n\tsecond\x1b[2J")
    'first\n    second�[2J'
    """
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return unicodedata.normalize("NFC", _UNSAFE_BUT_NEWLINE.sub(_REPLACEMENT, text))


def clean_fields(fields: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    r"""Return the fields of an event with all their texts harmless, keys included.

    Only a message, a traceback and a note keep their newlines.

    >>> clean_fields({"run": "a\nb", "config": {"\x1b[2J": ["\x9b"]}, "text": "a\nb"})
    {'run': 'a�b', 'config': {'�[2J': ['�']}, 'text': 'a\nb'}
    """
    return {
        clean(key): clean_block(value)
        if isinstance(value, str) and key in _BLOCK_KEYS
        else _clean_value(value, depth)
        for key, value in fields.items()
    }


def _clean_value(value: Any, depth: int) -> Any:  # noqa: ANN401 - JSON is any value
    if isinstance(value, str):
        return clean(value, TEXT_LIMIT)
    if isinstance(value, (dict, list)) and depth >= _DEPTH_LIMIT:
        return None
    if isinstance(value, dict):
        return clean_fields(value, depth + 1)
    if isinstance(value, list):
        return [_clean_value(item, depth + 1) for item in value]
    return value
