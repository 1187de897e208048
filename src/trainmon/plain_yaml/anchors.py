"""Values of a YAML document that are named, to be repeated elsewhere in it."""

from collections.abc import Iterable
from typing import Any

_REPEATED_LIMIT = 10_000
"""Values that aliases may repeat in all: a few lines that repeat each other's lists tenfold would
stand for billions."""


class Anchors:
    """The named values of one document. Owned by its reader."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._room = _REPEATED_LIMIT

    def name(self, names: Iterable[str], value: object) -> None:
        """Remember a value by names."""
        self._values.update(dict.fromkeys(names, value))

    def named(self, name: str) -> Any:  # noqa: ANN401 - YAML is any value
        """Return a value once more; None if there is none, or too much was repeated."""
        value = self._values.get(name)
        self._room -= _size(value, self._room)
        return value if self._room >= 0 else None


def _size(value: object, limit: int) -> int:
    """Return the number of values within a value, itself included; at most one above the limit."""
    waiting, size = [value], 0
    while waiting and size <= limit:
        each = waiting.pop()
        size += 1
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return size
