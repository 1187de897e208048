"""YAML values that stand in a line: quoted and plain scalars, and lists and maps in brackets."""

import re
from typing import Any

from trainmon.plain_yaml.anchors import Anchors
from trainmon.plain_yaml.scalars import double_quoted, plain, single_quoted

DEPTH_LIMIT = 40
"""Levels of nesting that are read: real configurations have up to ten."""

_BLANK = re.compile(r"(?:[ \t\n]+(?:#[^\n]*)?)*")
_PROPERTY = re.compile(
    r"(?:!<[^>\n]*>|![^ \t\n,\[\]{}]*|&(?P<anchor>[^ \t\n,\[\]{}]+))(?=[ \t\n,\[\]{}]|$)"
)
_BLANKS = re.compile(r"[ \t\n]+")
_ALIAS = re.compile(r"\*([^ \t\n,\[\]{}]+)")
_SINGLE = re.compile(r"'((?:[^']|'')*+)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_PLAIN = re.compile(
    r"(?:[^ \t\n,\[\]{}:#]|:(?![ \t\n,\[\]{}]|$)|(?<![ \t\n])#|[ \t\n]+(?![ \t\n#]|$))++"
)


def value_at(text: str, at: int, anchors: Anchors, depth: int = 0) -> tuple[Any, int]:
    """Return the value within brackets or quotes at a place, and where it ends.

    ValueError where there is none, or where it does not end.

    >>> value_at("[1, {a: 'b', c: }, x y] # end", 0, Anchors())
    ([1, {'a': 'b', 'c': None}, 'x y'], 23)
    """
    if depth > DEPTH_LIMIT:
        raise ValueError("nested too deeply")
    at, names = properties_at(text, _skip(text, at))
    at = _skip(text, at)
    first = text[at : at + 1]
    value: Any
    if first == "[":
        value, at = _list_at(text, at + 1, anchors, depth)
    elif first == "{":
        value, at = _map_at(text, at + 1, anchors, depth)
    elif match := _ALIAS.match(text, at):
        value, at = anchors.named(match[1]), match.end()
    else:
        value, at = scalar_at(text, at)
    anchors.name(names, value)
    return value, at


def properties_at(text: str, at: int) -> tuple[int, list[str]]:
    """Return where the tags and anchors at a place end, and the names of the anchors."""
    names = []
    while match := _PROPERTY.match(text, at):
        if match["anchor"]:
            names.append(match["anchor"])
        at = match.end()
        while text[at : at + 1] in {" ", "\t"}:
            at += 1
    return at, names


def quoted_at(text: str, at: int) -> tuple[str, int] | None:
    """Return the text between quotes at a place, and where it ends; None if there is no quote."""
    if match := _SINGLE.match(text, at):
        return single_quoted(match[1]), match.end()
    if match := _DOUBLE.match(text, at):
        return double_quoted(match[1]), match.end()
    return None


def scalar_at(text: str, at: int) -> tuple[Any, int]:
    """Return the scalar at a place within brackets, and where it ends."""
    quoted = quoted_at(text, at)
    if quoted is not None:
        return quoted
    match = _PLAIN.match(text, at)
    if match is None:
        return None, at
    return plain(_BLANKS.sub(" ", match[0])), match.end()


def _list_at(text: str, at: int, anchors: Anchors, depth: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return values, at + 1
        value, at = value_at(text, at, anchors, depth + 1)
        at = _skip(text, at)
        if text[at : at + 1] == ":":  # a map of one, without braces
            inner, at = value_at(text, at + 1, anchors, depth + 1)
            value = {str(value): inner}
        values.append(value)
        at = _next(text, at, "]")


def _map_at(text: str, at: int, anchors: Anchors, depth: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return values, at + 1
        start = at
        key, at = value_at(text, at, anchors, depth + 1)
        name = key if isinstance(key, str) else text[start:at].strip(" \t\n")
        at = _skip(text, at)
        value = None
        if text[at : at + 1] == ":":
            value, at = value_at(text, at + 1, anchors, depth + 1)
        values[name] = value
        at = _next(text, at, "}")


def _next(text: str, at: int, end: str) -> int:
    """Return where the next element begins, or the end stands."""
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return at + 1
    if text[at : at + 1] == end:
        return at
    raise ValueError(f"neither a comma nor {end} follows")


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
