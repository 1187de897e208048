"""The sheet that charts and panels are drawn on: a character and an ink for each cell.

A whole panel with its border is one grid, so that the next frame can be compared with the last
and only the cells that differ are sent to the terminal.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.cells import (
    BLANK,
    CODE_DTYPE,
    CONTINUED,
    Codes,
    Part,
    codes,
    decoded,
    decoded_cells,
    fitting,
    has_wide,
    shortened,
    width_of,
)
from trainmon.ui.charts.ground import Easel, Ground
from trainmon.ui.charts.ink import Ink

_MERGE_GAP: Final = 8
"""Equal cells between two changes that are sent again: moving the cursor costs as many bytes."""

_INKS: Final = tuple(Ink)
"""By their values."""

_ONE_INK: Final = re.compile(rb"(.)\1*", re.DOTALL)
"""A piece of one ink."""

_TITLE_MIN: Final = 3
"""Cells below which a title on the border says nothing: two letters and an ellipsis."""


Span = tuple[int, int, int]
"""A row, the first column, and the column after the last."""


class Grid:
    """`height` x `width` cells; owned by whoever draws on it, and not shared while it is drawn.

    `chars` holds code points (0 in the second cell of a wide character), `inks` the `Ink` of each
    cell. Whatever is written beyond the edges is cut off, and a wide character is never halved:
    where only half of one would remain, there is a space.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height = max(height, 0)
        self.width = max(width, 0)
        self.chars: Codes = np.full((self.height, self.width), BLANK, CODE_DTYPE)
        self.inks: NDArray[np.uint8] = np.zeros((self.height, self.width), np.uint8)
        self.grounds: tuple[Ground, ...] = ()
        """The charts that can be pointed at."""
        self.easels: tuple[Easel, ...] = ()
        """The charts that can be painted with pixels."""
        self._may_halve = False
        """Whether there may be a wide character, which what is laid beside it could halve."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, as screens tell them."""
        return self.width, self.height

    def write(self, row: int, col: int, text: str, ink: Ink) -> int:
        """Write `text` and return the column after it, whether or not it fitted."""
        cells = codes(text)
        stop = col + len(cells)
        if 0 <= row < self.height and col < self.width and stop > 0:
            if col < 0 or self._may_halve or has_wide(text):
                visible = fitting(cells, self.width - col)[max(-col, 0) :]
                self._put(row, max(col, 0), visible[None, :], ink)
            else:
                self.chars[row, col:stop] = cells[: self.width - col]
                self.inks[row, col:stop] = ink
        return stop

    def write_parts(self, row: int, col: int, parts: Sequence[Part]) -> int:
        """Write pieces of text, each in its ink, and return the column after the last."""
        for text, ink in parts:
            col = self.write(row, col, text, ink)
        return col

    def right(self, row: int, col_end: int, text: str, ink: Ink) -> int:
        """Write `text` so that it ends before column `col_end`; return where it begins."""
        start = col_end - len(codes(text))
        self.write(row, start, text, ink)
        return start

    def column(self, row: int, col: int, height: int, character: str, ink: Ink) -> None:
        """Write one single-width character `height` times, downwards."""
        stop = min(row + height, self.height)
        if 0 <= col < self.width and 0 <= row < stop:
            if self._may_halve:
                self._put(row, col, np.full((stop - row, 1), ord(character), CODE_DTYPE), ink)
            else:
                self.chars[row:stop, col] = ord(character)
                self.inks[row:stop, col] = ink

    def box(self, title: Sequence[Part] = (), right: Sequence[Part] = (), *, focus: bool) -> None:
        """Draw a rounded border with a title and, in its top right, the current values.

        The values win: the title is shortened, and at last left out, where both do not fit.
        """
        if self.height == 0 or self.width < 2:  # noqa: PLR2004 -- a border has two sides
            return
        ink = Ink.FOCUS if focus else Ink.BORDER
        line = "─" * (self.width - 2)
        self.write(0, 0, f"╭{line}╮", ink)
        for col in (0, self.width - 1):
            self.column(1, col, self.height - 2, "│", ink)
        if self.height > 1:
            self.write(self.height - 1, 0, f"╰{line}╯", ink)
        self._box_titles(title, right, ink)

    def paste(self, other: "Grid", row: int, col: int) -> None:
        """Lay `other` on this grid, its top left cell at (`row`, `col`)."""
        self.grounds += tuple(ground.moved(row, col) for ground in other.grounds)
        self.easels += tuple(easel.moved(row, col) for easel in other.easels)
        top, bottom = max(row, 0), min(row + other.height, self.height)
        first, stop = max(col, 0), min(col + other.width, self.width)
        if top >= bottom or first >= stop:
            return
        source = np.s_[top - row : bottom - row, first - col : stop - col]
        if not (self._may_halve or other._may_halve):  # noqa: SLF001 - of its own kind
            self.chars[top:bottom, first:stop] = other.chars[source]
            self.inks[top:bottom, first:stop] = other.inks[source]
            return
        cells = other.chars[source].copy()
        if stop - col < other.width:
            halved = other.chars[top - row : bottom - row, stop - col] == CONTINUED
            cells[halved, -1] = BLANK
        self._put(top, first, cells, other.inks[source])

    def copy(self) -> Self:
        """Return a grid of its own with the same cells."""
        twin = type(self)(self.height, self.width)
        twin.chars[:] = self.chars
        twin.inks[:] = self.inks
        twin.grounds, twin.easels = self.grounds, self.easels
        twin._may_halve = self._may_halve  # noqa: SLF001 - as above
        return twin

    def framed(self, *, focus: bool) -> Self:
        """Return a grid with the same cells whose border says who has the keys."""
        twin = self.copy()
        now, then = (Ink.FOCUS, Ink.BORDER) if focus else (Ink.BORDER, Ink.FOCUS)
        for edge in (twin.inks[0], twin.inks[-1], twin.inks[:, 0], twin.inks[:, -1]):
            edge[edge == then] = now
        return twin

    def changed(self, previous: "Grid") -> list[Span]:
        """Return the spans whose cells differ from `previous`, from top to bottom.

        Spans that lie close together in a row are one, and none splits a wide character.
        A grid of another size differs everywhere.
        """
        if self.chars.shape != previous.chars.shape:
            return [(row, 0, self.width) for row in range(self.height) if self.width]
        differs = (self.chars != previous.chars) | (self.inks != previous.inks)
        rows, cols = np.nonzero(differs)
        if not rows.size:
            return []
        apart = (np.diff(rows) > 0) | (np.diff(cols) > _MERGE_GAP)
        starts = np.concatenate(([0], np.flatnonzero(apart) + 1))
        stops = np.concatenate((starts[1:], [rows.size])) - 1
        return [
            (row, *self._whole(row, start, last + 1))
            for row, start, last in zip(
                rows[starts].tolist(), cols[starts].tolist(), cols[stops].tolist(), strict=True
            )
        ]

    def runs(self, row: int, start: int = 0, stop: int | None = None) -> list[Part]:
        """Return the cells `start` to `stop` of a row as the longest pieces of one ink."""
        cells = decoded_cells(self.chars[row, start:stop])
        pieces = _ONE_INK.finditer(self.inks[row, start:stop].tobytes())
        return [
            (cells[piece.start() : piece.end()].replace("\0", ""), _INKS[piece[0][0]])
            for piece in pieces
        ]

    def runs_of(self, spans: Sequence[Span]) -> Iterator[list[Part]]:
        """Yield of each span what `runs` returns; of many it takes a third of the time."""
        cells, inks = decoded_cells(self.chars), self.inks.tobytes()
        has_wide = "\0" in cells
        for row, start, stop in spans:
            first, end = row * self.width + start, row * self.width + stop
            places = [piece.span() for piece in _ONE_INK.finditer(inks, first, end)]
            parts = [(cells[begin:behind], _INKS[inks[begin]]) for begin, behind in places]
            yield [(text.replace("\0", ""), ink) for text, ink in parts] if has_wide else parts

    def text(self) -> str:
        """Return the characters alone, one line for each row, without spaces at the ends."""
        return "\n".join(decoded(row).rstrip() for row in self.chars)

    def _put(self, row: int, col: int, cells: Codes, ink: Ink | NDArray[np.uint8]) -> None:
        """Lay a block of cells; wide characters that it halves, or that are halved, are blanked."""
        self._may_halve = True
        height, width = cells.shape
        lines = self.chars[row : row + height]
        stop = col + width
        if col > 0:
            lines[lines[:, col] == CONTINUED, col - 1] = BLANK
        if stop < self.width:
            lines[lines[:, stop] == CONTINUED, stop] = BLANK
        lines[:, col:stop] = cells
        lines[lines[:, col] == CONTINUED, col] = BLANK
        self.inks[row : row + height, col:stop] = ink

    def _whole(self, row: int, start: int, stop: int) -> tuple[int, int]:
        """Return the span widened by the other halves of the wide characters at its ends."""
        line = self.chars[row]
        if line[start] == CONTINUED:
            start -= 1
        if stop < self.width and line[stop] == CONTINUED:
            stop += 1
        return start, stop

    def _box_titles(self, title: Sequence[Part], right: Sequence[Part], ink: Ink) -> None:
        """Write both ends of the top border: ``╭ title ─── values ╮``."""
        end = self.width - 1
        values = shortened(right, self.width - 4)
        if values:
            end -= width_of(values) + 2
            self.write_parts(0, end, [(" ", ink), *values, (" ", ink)])
        room = end - 4
        if title and room >= _TITLE_MIN:
            self.write_parts(0, 1, [(" ", ink), *shortened(title, room), (" ", ink)])
