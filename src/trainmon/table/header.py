"""The header of a delimited table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from trainmon.table.cells import cells_of, number_in, separator_in
from trainmon.text import clean

_FEWEST = 2
"""Columns that make a table, of which one may have no name: a line of one word is any text."""


@dataclass(frozen=True)
class Header:
    """What the columns of a table are called, and what stands between its cells."""

    names: tuple[str, ...]
    """Harmless and each another; empty where a column has no name."""
    separator: bytes

    def again_in(self, cells: Sequence[bytes]) -> "Header | None":
        """Return the header that some cells are, if it shares half of its names with this one.

        >>> header_in(b"epoch,loss").again_in([b"epoch", b"loss", b"lr"]).names
        ('epoch', 'loss', 'lr')
        """
        if not cells or number_in(cells[0], self.separator) is not None:
            return None
        names = {_name(cell) for cell in cells}
        if 2 * len(names & self._named) < min(len(self._named), len(names)):
            return None
        return _header_of(cells, self.separator)

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(filter(None, self.names))


def header_in(line: bytes) -> Header | None:
    """Return the header that a line is, None if it spells any number or is a single word.

    >>> header_in(b'"Step","run, 1"')
    Header(names=('Step', 'run, 1'), separator=b',')
    """
    separator = separator_in(line)
    return _header_of(cells_of(line, separator), separator)


def _header_of(cells: Sequence[bytes], separator: bytes) -> Header | None:
    if any(number_in(cell, separator) is not None for cell in cells):
        return None
    names = _distinct([_name(cell) for cell in cells])
    if len(names) < _FEWEST or not any(names):
        return None
    return Header(names, separator)


def _name(cell: bytes) -> str:
    return clean(cell.decode(errors="replace").strip().strip("'"))


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of which one that stands twice is numbered from the second on."""
    seen: dict[str, int] = {}
    numbered = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        numbered.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(numbered)
