"""One line of a delimited table: what stands between its cells, and what numbers they spell."""

import csv
import re
from collections.abc import Sequence

COMMA, SEMICOLON, TAB, BLANKS = b",", b";", b"\t", b" "

_LINE_LIMIT = 1 << 20
"""Bytes of a quoted cell (1 MiB), as no line is longer; csv itself stops at 131,072 characters."""

_THOUSANDS = re.compile(rb"[+-]?\d{1,3}(?:,\d{3}){1,6}(?:\.\d*)?")


def separator_in(line: bytes) -> bytes:
    r"""Return what stands between the cells of a header.

    >>> separator_in(b"epoch\tlr, head"), separator_in(b"epoch;loss"), separator_in(b"epoch  loss")
    (b'\t', b';', b' ')
    """
    unquoted = b"".join(line.split(b'"')[::2])
    if TAB in unquoted.strip():
        return TAB
    commas, semicolons = unquoted.count(COMMA), unquoted.count(SEMICOLON)
    if semicolons > commas:
        return SEMICOLON
    return COMMA if commas else BLANKS


def cells_of(line: bytes, separator: bytes) -> Sequence[bytes]:
    """Return the cells of a line, without quotes; blanks around them may stay.

    >>> cells_of(b'"a, b",2,', b",")
    [b'a, b', b'2', b'']
    """
    if b'"' in line:
        return _unquoted(line, separator)
    return line.split() if separator == BLANKS else line.split(separator)


def number_in(cell: bytes, separator: bytes) -> float | None:
    """Return the number that a cell spells, None if it spells none.

    A percentage stays as written. A comma within a cell groups thousands where commas stand
    between cells, so that it was quoted, and is a decimal comma where semicolons do.

    >>> number_in(b" 12.5%", b","), number_in(b"1,234", b","), number_in(b"0,5", b";")
    (12.5, 1234.0, 0.5)
    """
    try:
        return float(cell)
    except ValueError:
        pass
    cell = cell.strip().removesuffix(b"%")
    if separator == COMMA and _THOUSANDS.fullmatch(cell):
        cell = cell.replace(b",", b"")
    elif separator == SEMICOLON and cell.count(b",") == 1:
        cell = cell.replace(b",", b".")
    try:
        return float(cell)
    except ValueError:
        return None


def _unquoted(line: bytes, separator: bytes) -> list[bytes]:
    text = line.decode(errors="replace")
    if len(text) > csv.field_size_limit():
        csv.field_size_limit(_LINE_LIMIT)
    blanks = separator == BLANKS
    try:
        cells = next(
            csv.reader([text], delimiter=separator.decode(), skipinitialspace=True), list[str]()
        )
    except csv.Error:
        return [line]
    return [cell.encode(errors="replace") for cell in cells if cell or not blanks]
