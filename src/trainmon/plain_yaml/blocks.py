"""YAML documents: mappings and lists told by their indentation."""

import re
from typing import Any

from trainmon.plain_yaml.anchors import Anchors
from trainmon.plain_yaml.block_text import text_in_block
from trainmon.plain_yaml.flow import DEPTH_LIMIT, properties_at, quoted_at, value_at
from trainmon.plain_yaml.scalars import plain

_BORDER = re.compile(r"^(?:---|\.\.\.)(?=[ \t\n]|$)", re.MULTILINE)
_LINE = re.compile(r"^( *)(?=[^ \t\n#])(?!%)", re.MULTILINE)
_KEY = re.compile(
    r"(?![\[\]{},#|>@`%!&*'\"])"
    r"((?:[^ \t\n:#]|:(?![ \t\n]|$)|(?<![ \t\n])#|[ \t](?!#))++):(?=[ \t\n]|$)"
)
_COLON = re.compile(r"[ \t]*:(?=[ \t\n]|$)")
_ITEM = re.compile(r"-(?:[ \t]+|(?=\n|$))")
_COMMENT = re.compile(r"(?<![ \t])[ \t]+#[^\n]*")
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\n|$)")
_MERGE = "<<"

_BROKEN_LIMIT = 100
"""Values that may lack their closing bracket: each is looked for over many lines."""


def mappings_in(text: str) -> list[dict[str, Any]]:
    r"""Return the documents of a text that are mappings; keys are strings.

    Lines that are not understood are left out. ValueError where the nesting is too deep or
    too much is broken.

    >>> mappings_in("lr: 1.0e-3  # base\nhead: &h !!python/object:net.Head\n- 1\n- a: x\n  b: *h\n")
    [{'lr': 0.001, 'head': [1, {'a': 'x', 'b': None}]}]
    """
    first, *others = _BORDER.split(text.replace("\r", ""))
    parts = [first, *(part.lstrip(" ") for part in others)]
    documents = [_Document(part).value() for part in parts]
    return [document for document in documents if isinstance(document, dict)]


class _Document:
    """One document while it is read: where its lines begin, and the line that is next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [(match.end() - match.start(), match.end()) for match in _LINE.finditer(text)]
        self._next = 0
        self._anchors = Anchors()
        self._broken = 0

    def value(self) -> Any:  # noqa: ANN401 - a document is any value
        return self._block(self._indent, 0) if self._lines else None

    @property
    def _indent(self) -> int:
        """The indentation of the next line; less than any if there is none."""
        return self._lines[self._next][0] if self._next < len(self._lines) else -1

    @property
    def _start(self) -> int:
        """Where the content of the next line begins."""
        return self._lines[self._next][1]

    def _block(self, indent: int, depth: int) -> Any:  # noqa: ANN401 - likewise
        """Return the value that begins in the next line."""
        if depth > DEPTH_LIMIT:
            raise ValueError("nested too deeply")
        at, names = properties_at(self._text, self._start)
        if names or at > self._start:
            return self._inline(at, indent - 1, depth, names)
        if _ITEM.match(self._text, at):
            return self._list(indent, depth)
        if self._key_at(at) is not None:
            return self._mapping(indent, depth)
        return self._inline(at, indent - 1, depth, [])

    def _list(self, indent: int, depth: int) -> list[Any]:
        values: list[Any] = []
        while self._indent == indent and (match := _ITEM.match(self._text, self._start)):
            at = match.end()
            inner = indent + at - self._start
            if _REST.match(self._text, at):
                values.append(self._inline(at, indent, depth, []))
                continue
            self._lines[self._next] = (inner, at)
            begins_block = _ITEM.match(self._text, at) or self._key_at(at) is not None
            value = self._block(inner, depth + 1) if begins_block else None
            values.append(value if begins_block else self._inline(at, indent, depth, []))
        return values

    def _mapping(self, indent: int, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while self._indent >= indent:
            key = self._key_at(self._start) if self._indent == indent else None
            if key is None:
                if self._indent == indent and _ITEM.match(self._text, self._start):
                    break
                self._next += 1
                continue
            name, at = key
            value = self._inline(at, indent, depth, [], in_mapping=True)
            if name == _MERGE:
                for other in value if isinstance(value, list) else [value]:
                    for inherited in other if isinstance(other, dict) else ():
                        values.setdefault(inherited, other[inherited])
            else:
                values[name] = value
        return values

    def _key_at(self, at: int) -> tuple[str, int] | None:
        """Return the key at a place and where its colon ends; None if there is none."""
        quoted = quoted_at(self._text, at)
        if quoted is not None:
            colon = _COLON.match(self._text, quoted[1])
            return (quoted[0], colon.end()) if colon else None
        match = _KEY.match(self._text, at)
        return (match[1].rstrip(" \t"), match.end()) if match else None

    def _inline(
        self, at: int, indent: int, depth: int, names: list[str], *, in_mapping: bool = False
    ) -> Any:  # noqa: ANN401 - likewise
        """Return the value that begins at a place of the next line, or in the lines below.

        It goes on in lines that stand further in than `indent`.
        """
        while self._text[at : at + 1] in {" ", "\t"}:
            at += 1
        at, more = properties_at(self._text, at)
        names = names + more
        if _REST.match(self._text, at):
            self._next += 1
            beneath = self._indent > indent or (
                in_mapping and self._indent == indent and self._at_item()
            )
            value = self._block(self._indent, depth + 1) if beneath else None
        else:
            value = self._in_line(at, indent)
        self._anchors.name(names, value)
        return value

    def _at_item(self) -> bool:
        return bool(_ITEM.match(self._text, self._start))

    def _in_line(self, at: int, indent: int) -> Any:  # noqa: ANN401 - likewise
        first = self._text[at]
        if first in "|>":
            value, at = text_in_block(self._text, at, indent)
            self._pass(at - 1)
            return value
        if first in "[{'\"*":
            try:
                value, at = value_at(self._text, at, self._anchors)
            except ValueError:
                self._broken += 1
                if self._broken > _BROKEN_LIMIT:
                    raise
                self._next += 1
                return None
            self._pass(at)
            return value
        self._next += 1
        words = [_to_line_end(self._text, at)]
        while self._indent > indent:
            words.append(_to_line_end(self._text, self._start))
            self._next += 1
        return plain(" ".join(filter(None, words)))

    def _pass(self, at: int) -> None:
        """Go on to the first line that begins behind a place."""
        end = self._text.find("\n", at)
        self._next += 1
        while end >= 0 and self._next < len(self._lines) and self._start < end:
            self._next += 1
        if end < 0:
            self._next = len(self._lines)


def _to_line_end(text: str, at: int) -> str:
    end = text.find("\n", at)
    line = text[at : end if end >= 0 else len(text)]
    return _COMMENT.split(line, 1)[0].strip(" \t")
