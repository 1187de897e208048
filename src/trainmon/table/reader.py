"""Lines of a growing table to columns."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from trainmon.table.cells import cells_of, number_in
from trainmon.table.columns import Columns, columns_at_once, columns_of
from trainmon.table.header import Header, header_in

_FEWER = "rows with fewer cells than the header"
_MORE = "rows with more cells than the header"
_NO_NUMBER = "rows without a number"
_NO_HEADER = "lines ahead of the header"


class TableReader:
    """Follows one table. Owned by its source. However the lines are cut, they come out alike."""

    def __init__(self) -> None:
        self.header: Header | None = None
        """The header that the last rows stand under."""
        self._comment: Header | None = None
        self._again = False
        self._begun = False
        self._rows: list[Sequence[bytes]] = []
        self._skipped = Counter[str]()

    def read(self, lines: bytes) -> list[Columns]:
        """Return the rows of further whole lines, cut where a header stands once more."""
        lines = lines.replace(b"\x00", b"").replace(b"\r", b"")
        if not self._begun:
            lines = lines.removeprefix(b"\xef\xbb\xbf")
            self._begun = bool(lines)
        if not lines:
            return []
        if self.header is not None:
            columns = columns_at_once(self.header, lines)
            if columns is not None:
                return [self._marked(columns)] if columns.n_rows else []
        return list(self._one_by_one(lines))

    def _one_by_one(self, lines: bytes) -> Iterator[Columns]:
        for line in lines.split(b"\n"):
            stripped = line.strip()
            if not stripped:
                continue
            header = self._header_at(stripped)
            if header is not None and self.header is not None:
                yield from self._collected()
                self._again = True
            if header is not None:
                self.header = header
            elif not stripped.startswith(b"#"):
                self._take(line)
        yield from self._collected()

    def _header_at(self, line: bytes) -> Header | None:
        """Return the header that a line is; a comment is one where numbers follow, or again."""
        if line.startswith(b"#"):
            comment = header_in(line.lstrip(b"# "))
            if self.header is None:
                self._comment = comment
            elif comment == self.header:
                return comment
            return None
        if self.header is not None:
            return self.header.again_in(cells_of(line, self.header.separator))
        header = header_in(line)
        if header is None and self._comment is not None and _fits(line, self._comment):
            self.header = self._comment
        return header

    def _take(self, line: bytes) -> None:
        if self.header is None:
            self._skipped[_NO_HEADER] += 1
            return
        cells = cells_of(line, self.header.separator)
        width = len(self.header.names)
        if not any(map(bytes.strip, cells)):
            return
        if len(cells) > width and not any(map(bytes.strip, cells[width:])):
            cells = cells[:width]
        if len(cells) == width:
            self._rows.append(cells)
        else:
            self._skipped[_FEWER if len(cells) < width else _MORE] += 1

    def _collected(self) -> Iterator[Columns]:
        """Yield what was collected under the header so far."""
        rows, skipped = self._rows, self._skipped
        self._rows, self._skipped = [], Counter()
        header = self.header or Header((), b"")
        values, present = columns_of(header, rows)
        kept = present.any(axis=0)
        skipped[_NO_NUMBER] += int(np.count_nonzero(~kept))
        columns = Columns(header, values[:, kept], present[:, kept], skipped=+skipped)
        if columns.n_rows or columns.skipped:
            yield self._marked(columns)

    def _marked(self, columns: Columns) -> Columns:
        """Return columns that tell whether they are the first under a further header."""
        again = self._again and columns.n_rows > 0
        self._again = self._again and not again
        return replace(columns, again=again)


def _fits(line: bytes, header: Header) -> bool:
    cells = cells_of(line, header.separator)
    numbers = [number_in(cell, header.separator) for cell in cells]
    return len(cells) == len(header.names) and None not in numbers
