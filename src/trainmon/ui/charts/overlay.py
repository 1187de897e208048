"""What lies over the lines of a chart: newest points, breaks, marks, limits and labels.

Glyphs may cover data, since they stand for it. Text and hints never cover a line: they take free
cells, and stay away where there are none.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.braille import BRAILLE, DOTS_ACROSS, DOTS_DOWN, dot_row
from trainmon.ui.charts.cells import BLANK, codes
from trainmon.ui.charts.chart import Limit, Mark, plot_column, plot_row
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.scale import Scale, Values

_NEWEST: Final = "•"
_BREAK: Final = "✖"
"""Where a series stops being finite."""

_BROKEN: Final = "╌"
"""Where it still is not."""

_HINT: Final = "┊"

_DASHES: Final = (0x09, 0x12, 0x24, 0xC0)
"""Patterns of both dots in one row of a cell, from the top."""

_DASH_CYCLE: Final = 3
"""Of so many cells of a dashed line, the last is left out."""

_NEARBY_ROWS: Final = (-1, 1, -2, 2)
"""Rows tried for the label of a line, seen from its end."""


Place: TypeAlias = tuple[int, int]
"""A row and a column of the plot."""

Cells: TypeAlias = NDArray[np.bool_]
"""A mask over the cells of the plot."""


class Overlay:
    """Draws over a plot whose lines are drawn, and remembers which cells are taken.

    `lined` are the cells of the lines themselves, without the raw bands beneath them. Lives in
    the thread that draws the chart, for as long as that takes.
    """

    def __init__(self, plot: Grid, x: Scale, y: Scale, lined: Cells) -> None:
        self._plot = plot
        self._x = x
        self._y = y
        self._unlined = ~lined
        self._free = (plot.chars == BLANK) | (plot.inks == Ink.LIMIT)

    def breaks(self, broken_x: Values, levels: NDArray[np.intp]) -> None:
        """Mark where values are not finite, at the height of the line before.

        `levels` holds the row of the line for each dot column.
        """
        if not broken_x.size:
            return
        share = self._x.fraction(broken_x)
        share = share[(share >= 0) & (share <= 1)]
        dots = np.minimum((share * levels.size).astype(np.intp), levels.size - 1)
        cols, places = np.unique(dots // DOTS_ACROSS, return_index=True)
        rows = np.clip(levels[dots[places]], 0, self._plot.height - 1)
        goes_on = np.diff(cols, prepend=-2) == 1
        for row, col, broken in zip(rows.tolist(), cols.tolist(), goes_on.tolist(), strict=True):
            if not broken:
                self._glyph(row, col, _BREAK, Ink.ERROR)
            elif self._free[row, col]:
                self._glyph(row, col, _BROKEN, Ink.ERROR)

    def newest(self, row: int, col: int, ink: Ink) -> None:
        """Mark the newest point of a line."""
        self._glyph(row, col, _NEWEST, ink)

    def keep(self, marks: Sequence[Mark]) -> None:
        """Keep the cells of marks free of labels, which their glyphs would break."""
        for row, col in filter(None, map(self._place, marks)):
            self._unlined[row, col] = self._free[row, col] = False

    def marks(self, marks: Sequence[Mark]) -> None:
        """Draw the glyphs, then their labels beside them, then faint lines down their columns."""
        placed = [(mark, self._place(mark)) for mark in marks]
        seen = [(mark, *place) for mark, place in placed if place is not None]
        for mark, row, col in seen:
            self._glyph(row, col, mark.glyph, mark.ink)
        for mark, row, col in seen:
            width = len(codes(mark.label))
            self._label(mark.label, mark.ink, [(row, col + 2), (row, col - 1 - width)])
        for mark, _, col in seen:
            if mark.hint:
                column = self._free[:, col] & (self._plot.chars[:, col] == BLANK)
                self._plot.chars[column, col] = ord(_HINT)
                self._plot.inks[column, col] = Ink.FAINT

    def limit(self, limit: Limit) -> None:
        """Write the label of the limit at the right end of its line, over raw values if need be."""
        row = plot_row(limit.value, self._y, self._plot.height)
        if row is None:
            return
        start = self._plot.width - len(codes(limit.label))
        places = [(row, start), (row - 1, start), (row + 1, start)]
        self._label(limit.label, Ink.LIMIT, places, over_raw=True)

    def name(self, label: str, ink: Ink, row: int, col: int) -> None:
        """Write the name of a line near its newest point: after it, else above or below its end."""
        start = col - len(codes(label)) + 1
        self._label(label, ink, [(row, col + 2), *((row + up, start) for up in _NEARBY_ROWS)])

    def _place(self, mark: Mark) -> Place | None:
        col = plot_column(mark.x, self._x, self._plot.width)
        if col is None or not self._plot.height:
            return None
        row = None if mark.y is None else plot_row(mark.y, self._y, self._plot.height)
        return row or 0, col

    def _glyph(self, row: int, col: int, glyph: str, ink: Ink) -> None:
        stop = self._plot.write(row, col, glyph, ink)
        self._take(np.s_[row, col:stop])

    def _label(
        self, text: str, ink: Ink, places: Sequence[Place], *, over_raw: bool = False
    ) -> None:
        """Write a text at the first place where it and a cell on both sides of it are free."""
        width = len(codes(text))
        free = self._unlined if over_raw else self._free
        for row, start in places:
            if not 0 <= row < self._plot.height or start < 0 or start + width > self._plot.width:
                continue
            room = np.s_[row, max(start - 1, 0) : start + width + 1]
            if width and free[room].all():
                self._plot.write(row, max(start - 1, 0), " ", ink)
                self._plot.write(row, start, text, ink)
                self._take(room)
                return

    def _take(self, cells: tuple[int, slice]) -> None:
        self._free[cells] = False
        self._unlined[cells] = False


def draw_limit(plot: Grid, limit: Limit, y: Scale) -> None:
    """Draw a dashed line at the height of the limit."""
    row = plot_row(limit.value, y, plot.height)
    if row is None:
        return
    dot = int(dot_row(y.position(limit.value), plot.height)) % DOTS_DOWN
    for first in range(_DASH_CYCLE - 1):
        plot.chars[row, first::_DASH_CYCLE] = BRAILLE + _DASHES[dot]
        plot.inks[row, first::_DASH_CYCLE] = Ink.LIMIT
