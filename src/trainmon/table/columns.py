"""Rows of a table as columns of numbers: all of them at once, or from single cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import orjson
from numpy.typing import NDArray

from trainmon.store.batch import Floats
from trainmon.table.cells import BLANKS, number_in
from trainmon.table.header import Header

Present = NDArray[np.bool_]

_DECIMAL = b"0123456789+-.eE \n"
"""What numbers in decimal notation consist of, and what stands around them."""

_NEWLINE = ord("\n")

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Columns:
    """Consecutive rows under one header; both arrays have a row for each column of the table."""

    header: Header
    values: Floats
    present: Present
    """Where a number stands, be it finite or not."""
    again: bool = False
    """Whether these are the first rows under a further header, as a run appended to another has."""
    skipped: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    """Rows before and among these that could not be read, by reason."""

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.values[0]) if len(self.values) else 0


def columns_at_once(header: Header, lines: bytes) -> Columns | None:
    """Return the columns of lines that are all in order and numbers alone, else None."""
    separator, width = header.separator, len(header.names)
    if separator == BLANKS or b'"' in lines or b"#" in lines:
        return None
    lines = lines if lines.endswith(b"\n") else lines + b"\n"
    codes = np.frombuffer(lines, np.uint8)
    ends = np.flatnonzero((codes == ord(separator)) | (codes == _NEWLINE))
    if len(ends) % width:
        return None
    newlines = (codes[ends] == _NEWLINE).reshape(-1, width)
    if not newlines[:, -1].all() or newlines[:, :-1].any():
        return None
    cells = _decimal(lines, separator, len(ends))
    if cells is None:
        cells = _spelled(lines, separator, len(ends))
    if cells is None:
        return None
    present = (np.diff(ends, prepend=-1) > 1).reshape(-1, width)
    # A row of separators alone is what spreadsheets leave behind a table.
    kept = present.any(axis=1)
    values = cells.reshape(-1, width)[kept]
    return Columns(header, np.ascontiguousarray(values.T), np.ascontiguousarray(present[kept].T))


def columns_of(header: Header, rows: Sequence[Sequence[bytes]]) -> tuple[Floats, Present]:
    """Return the values and the presence of rows that have a cell for each column."""
    values = np.full((len(header.names), len(rows)), np.nan)
    present = np.ones(values.shape, bool)
    for index, cells in enumerate(zip(*rows, strict=True)):
        try:
            values[index] = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            numbers = [number_in(cell, header.separator) for cell in cells]
            present[index] = [number is not None for number in numbers]
            values[index, present[index]] = [number for number in numbers if number is not None]
    return values, present


def _decimal(lines: bytes, separator: bytes, count: int) -> Floats | None:
    """Return all cells through one parse as JSON, if they are decimal numbers or empty."""
    if lines.translate(None, _DECIMAL + separator):
        return None
    filled = _filled(lines, separator, b"null")
    joined = filled[:-1].replace(b"\n", b",").replace(separator, b",")
    try:
        return np.fromiter(orjson.loads(b"[" + joined + b"]"), np.float64, count)
    except (ValueError, OverflowError):
        return None


def _spelled(lines: bytes, separator: bytes, count: int) -> Floats | None:
    """Return all cells as Python spells numbers, `nan` and `inf` among them."""
    cells = _filled(lines, separator, b"nan")[:-1].replace(b"\n", separator).split(separator)
    try:
        return np.fromiter(map(float, cells), np.float64, count)
    except ValueError:
        return None


def _filled(lines: bytes, separator: bytes, gap: bytes) -> bytes:
    """Return lines with a word in each empty cell."""
    inner = separator + separator
    if inner in lines:
        for _ in range(2):  # neighbouring gaps share a separator, which one pass steps over
            lines = lines.replace(inner, separator + gap + separator)
    lines = lines.replace(b"\n" + separator, b"\n" + gap + separator)
    lines = lines.replace(separator + b"\n", separator + gap + b"\n")
    return gap + lines if lines.startswith(separator) else lines
