"""The pictures that hang in a panel, each over the cells of a chart that are no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.braille import BRAILLE
from trainmon.ui.charts.cells import BLANK
from trainmon.ui.charts.grid import Grid, Span
from trainmon.ui.charts.palette import Palette, Picture
from trainmon.ui.pixels.terminal import Pixels

_PATTERNS = 256
"""Braille patterns, which follow one another."""

_DRAWN = tuple(map(ord, "┊•"))
"""Glyphs besides braille that a picture shows as well: lines down from marks, newest points."""

_LARGEST = 297
"""Rows and columns of cells for which kitty has names: beyond, a chart stays braille."""

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Hung:
    """A picture, and where on the grid of its panel it is."""

    number: int
    """What the terminal knows it by."""
    row: int
    col: int
    picture: Picture
    shown: NDArray[np.bool_]
    """Which cells of the chart show it; on the others there is text."""

    @property
    def height(self) -> int:
        """Rows of cells."""
        return int(self.shown.shape[0])

    @property
    def width(self) -> int:
        """Columns of cells."""
        return int(self.shown.shape[1])

    @property
    def place(self) -> tuple[int, int, int, int, int]:
        """Which picture it is, and where: its corner and its size."""
        return self.number, self.row, self.col, self.height, self.width


def hung(
    grid: Grid, pixels: Pixels, palette: Palette, before: Sequence[Hung] = ()
) -> tuple[Grid, tuple[Hung, ...]]:
    """Return a grid that is empty where pictures are seen, and these pictures.

    Those that were there `before` keep their numbers, and are the same where nothing changed.
    """
    easels = [easel for easel in grid.easels if max(easel.height, easel.width) <= _LARGEST]
    if not easels:
        return grid, ()
    high, wide = pixels.cell()
    empty, pictures = grid.copy(), []
    for at, easel in enumerate(easels):
        cells = np.s_[easel.row : easel.row + easel.height, easel.col : easel.col + easel.width]
        shown = _is_drawn(grid.chars[cells])
        if min(easel.row, easel.col) < 0 or shown.shape != (easel.height, easel.width):
            continue  # a part of it is beyond the panel
        empty.chars[cells][shown] = BLANK
        empty.inks[cells][shown] = 0
        picture = easel.paint(easel.height * high, easel.width * wide, palette)
        earlier = before[at] if at < len(before) else None
        if earlier and np.array_equal(earlier.picture, picture):
            picture = earlier.picture
        number = earlier.number if earlier else next(_numbers)
        pictures.append(Hung(number, easel.row, easel.col, picture, shown))
    return empty, tuple(pictures)


def all_in_place(pictures: Sequence[Hung], before: Sequence[Hung]) -> bool:
    """Return whether pictures hang where they, and no others, hung before."""
    return [each.place for each in pictures] == [each.place for each in before]


def touched(grid: Grid, pictures: Sequence[Hung], before: Sequence[Hung]) -> list[Span]:
    """Return a cell to be sent where pictures alone changed: they follow what is sent as text."""
    pairs = zip(pictures, before, strict=False)
    same = all(now.picture is then.picture for now, then in pairs)
    return [] if same or not (grid.height and grid.width) else [(0, 0, 1)]


def _is_drawn(chars: NDArray[np.uint32]) -> NDArray[np.bool_]:
    braille = (chars >= BRAILLE) & (chars < BRAILLE + _PATTERNS)
    drawn: NDArray[np.bool_] = braille | (chars == BLANK) | np.isin(chars, _DRAWN)
    return drawn
