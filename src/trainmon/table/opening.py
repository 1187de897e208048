"""How a file begins that may be a table: what sources recognise their formats by."""

from dataclasses import dataclass
from functools import lru_cache

from trainmon.table.columns import Columns
from trainmon.table.reader import TableReader

_LINES = 50
"""Lines that are looked at: comments stand ahead of a header, and a first row behind it."""

_NO_TABLE = (b"{", b"[", b"<", b"\x00")
"""How JSON, markup and most binary files begin."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The header and the first rows of a table."""

    names: tuple[str, ...]
    """The names of its columns, in small letters and without blanks around them."""
    separator: bytes
    columns: Columns
    """The first rows, at least one."""


@lru_cache(maxsize=1)  # each format of tables asks for the same one
def opening_of(data: bytes) -> Opening | None:
    """Return how the whole lines of a file open a table, None if they open none."""
    if data.startswith(_NO_TABLE):
        return None
    lines = data.split(b"\n", _LINES)[:_LINES]
    tables = TableReader().read(b"\n".join(lines))
    first = next((columns for columns in tables if columns.n_rows), None)
    if first is None or sum(first.skipped.values()) > first.n_rows:
        return None
    names = tuple(name.lower() for name in first.header.names)
    return Opening(names, first.header.separator, first)
