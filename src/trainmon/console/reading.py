"""The named numbers of one line, and the records of formats whose names are known."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from trainmon.console.numbers import apart, value
from trainmon.console.shape import Field, fields_of
from trainmon.store.batch import Record

SHAPES_KEPT = 1_024
"""Shapes remembered: a log has some dozen, prose has one a line, each of some hundred bytes."""

_fields = lru_cache(maxsize=SHAPES_KEPT)(fields_of)


class Reading(NamedTuple):
    """A number with what the line says of it."""

    key: str
    value: float
    total: float | None = None
    """The number behind the "/", for a position."""


def readings(text: str) -> Iterator[Reading]:
    """Return an iterator over the numbers of a line, those without a name included.

    >>> list(readings("step 10/1000 | 250.0 ms"))[1]
    Reading(key='', value=0.25, total=None)
    """
    texts, numbers = apart(text)
    for field in _fields(texts):
        total = None if field.total is None else value(numbers[field.total])
        yield Reading(field.key, value(numbers[field.at]) * field.factor, total)


class Renaming:
    """Reads lines of which the names are known, under trainmon's. `names` are by the log's own.

    >>> Renaming({"it": "step", "l": "train/loss"}).record("it 1/9 l: 2.5 x: 3")
    ({'step': 1.0, 'train/loss': 2.5}, 9.0)
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._fields = lru_cache(maxsize=SHAPES_KEPT)(self._known)

    def record(self, text: str) -> tuple[Record, float | None]:
        """Return the record of a line, and the total that its step is told with."""
        texts, numbers = apart(text)
        record: Record = {}
        planned = None
        for name, field in self._fields(texts):
            record[name] = value(numbers[field.at]) * field.factor
            if field.total is not None and name == "step":
                planned = value(numbers[field.total])
        return record, planned

    def _known(self, texts: tuple[str, ...]) -> tuple[tuple[str, Field], ...]:
        named = ((self._name(field), field) for field in fields_of(texts))
        return tuple((name, field) for name, field in named if name)

    def _name(self, field: Field) -> str:
        """Return the metric; of numbers without a name, a duration may be one under ""."""
        if not field.key and field.factor == 1.0:
            return ""
        if field.key.endswith("loss") and field.key not in self._names:
            part = field.key.removesuffix("loss").rstrip(" _-").replace(" ", "_")
            return f"train/loss/{part or 'other'}"
        return self._names.get(field.key, "")
