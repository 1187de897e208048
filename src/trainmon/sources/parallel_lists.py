"""One JSON object of parallel lists, an item an epoch: Keras's ``history.json`` and others."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainmon.document import DocumentSource, begins_with, parsed
from trainmon.json_lines.position_keys import KEYS
from trainmon.json_lines.records import JsonRecords
from trainmon.roles import Direction, Role, role_of
from trainmon.source import HEAD_BYTES, Head, Part
from trainmon.store.batch import Record

_FIRST_LIST = re.compile(
    rb'\s*\{\s*"([^"\\]{1,200})"\s*:\s*\[\s*(?:-?[\d.]{1,40}(?:[eE][+-]?\d{1,4})?\s*,\s*){2}'
)
"""A first key with numbers: how a document looks that is too long to be read to recognise it."""

_DEPTH = 2
"""Levels of objects in which lists are looked for: {"history": {"loss": [...]}} has two."""

_UNTOLD = (Role.OTHER, Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE)
"""Roles that tell nothing: configurations hold lists of learning rates, too."""

_PLACES = frozenset((*KEYS.step, *KEYS.epoch))


class ParallelListsSource(DocumentSource):
    """Reads the lists of the commonest length as columns; rows are epochs unless a list tells."""

    id = "json-lists"
    summary = "one JSON object of lists, an item an epoch: Keras history.json"
    order = 60

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._records = JsonRecords()
        self._left_out: Sequence[str] = ()
        self._counted = False

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether it is an object of lists of numbers, some named like a metric."""
        if not begins_with(head.data, b"{"):
            return False
        if len(head.data) >= HEAD_BYTES:
            first = _FIRST_LIST.match(head.data)
            return bool(first and _is_metric(first[1].decode(errors="replace")))
        document = parsed(head.data)
        if not isinstance(document, dict) or _is_one_record(document):
            return False
        columns = _columns(document)
        return any(_is_metric(name) for name in columns)

    def records(self, data: bytes) -> Sequence[Record] | None:
        """Return the rows."""
        document = parsed(data)
        if not isinstance(document, dict):
            return None
        columns = _columns(document)
        self._left_out = [name for name, _ in _lists(document, "", 1) if name not in columns]
        self._counted = _PLACES.isdisjoint(columns)
        if self._counted and columns:
            length = len(next(iter(columns.values())))
            columns = {"epoch": list(range(length)), **columns}
        names = list(columns)
        return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def parts(self, records: Sequence[Record]) -> Sequence[Part]:
        """Return the rows where they belong."""
        return self._records.parts(records, {}) if records else []

    def start_over(self) -> None:
        """Forget the rows."""
        self._records = JsonRecords()

    def remarks(self) -> Sequence[str]:
        """Return how epochs are counted, and which lists have another length."""
        counted = ("no list tells the epoch: rows are epochs, counted from 0",)
        other = (f"lists of another length are left out: {', '.join(self._left_out)}",)
        return (
            *(counted if self._counted else ()),
            *(other if self._left_out else ()),
            *super().remarks(),
        )


def _columns(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the lists of the commonest length, of equally common ones the longest."""
    lists = dict(_lists(document, "", 1))
    lengths = Counter(len(items) for items in lists.values())
    if not lengths:
        return {}
    length = max(lengths, key=lambda length: (lengths[length], length))
    return {name: items for name, items in lists.items() if len(items) == length}


def _lists(document: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of numbers, their names joined with "/", without a name that holds all."""
    for key, value in document.items():
        items = _indexed(value) if isinstance(value, dict) else value
        if isinstance(items, list):
            if items and all(_is_item(item) for item in items):
                yield prefix + key, items
        elif isinstance(value, dict) and depth < _DEPTH:
            inner = "" if key.lower() == "history" else f"{key}/"
            yield from _lists(value, prefix + inner, depth + 1)


def _indexed(column: Mapping[str, Any]) -> list[Any] | None:
    """Return the items of an object with keys "0", "1", ..., as pandas writes columns."""
    if not column or any(key != str(index) for index, key in enumerate(column)):
        return None
    return list(column.values())


def _is_item(item: object) -> bool:
    """Return whether a list with this item may be a column: numbers, gaps, numbers as text."""
    if isinstance(item, str):
        try:
            float(item)
        except ValueError:
            return False
        return True
    return item is None or (isinstance(item, (int, float)) and not isinstance(item, bool))


def _is_one_record(document: Mapping[str, Any]) -> bool:
    """Return whether an object is one record among others to come: it has a place of its own."""
    return any(isinstance(document.get(name), (int, float)) for name in _PLACES - {"epochs"})


def _is_metric(name: str) -> bool:
    for each in (name, name.rsplit("/", maxsplit=1)[-1]):
        known = role_of(each)
        if known.direction is not Direction.UNKNOWN or known.role not in _UNTOLD:
            return True
    return False
