"""A sheet of pixels on which lines, bands and dots are laid, smooth at their edges."""

from math import ceil, floor, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.palette import Color, Picture
from trainmon.ui.charts.scale import Values

ACROSS: Final = 2
"""Columns of a stroke for one of pixels: their mean makes steep lines smooth."""

_DASH: Final = 5
"""Pixels of a dash, and of the gap behind it."""

Cover = NDArray[np.float32]
"""Which part of each pixel is covered, from 0 to 1."""


class Canvas:
    """`height` x `width` pixels of one colour. Lives in the thread that paints on it."""

    def __init__(self, height: int, width: int, ground: Color) -> None:
        self.height = height
        self.width = width
        self._pixels = np.empty((height, width, 3), np.float32)
        self._pixels[:] = ground

    @property
    def picture(self) -> Picture:
        """What was painted."""
        return (self._pixels + 0.5).astype(np.uint8)

    def across(self, y: float, color: Color, strength: float, *, dashed: bool = False) -> None:
        """Lay a line of a pixel's width across, at a height counted from the top."""
        row = floor(y)
        if 0 <= y < self.height:
            self._lay(
                slice(row, row + 1), slice(None), color, strength * _dashes(self.width, dashed)
            )

    def down(self, x: float, color: Color, strength: float, *, dashed: bool = False) -> None:
        """Lay a line of a pixel's width from the top to the bottom."""
        col = floor(x)
        if 0 <= x < self.width:
            cover = strength * _dashes(self.height, dashed)[:, None]
            self._lay(slice(None), slice(col, col + 1), color, cover)

    def stroke(
        self, top: Values, bottom: Values, radius: float, color: Color, strength: float = 1.0
    ) -> None:
        """Lay what a round brush leaves that goes from top to bottom in every column.

        There are `ACROSS` columns for each pixel; NaN is a gap.
        """
        top, bottom = _brushed(top, bottom, radius)
        cols = np.flatnonzero((bottom > 0) & (top < self.height))
        top, bottom = np.maximum(top[cols], 0), np.minimum(bottom[cols], self.height)
        # A line covers a few pixels of each column: only those are looked at.
        firsts = np.floor(top).astype(np.intp)
        counts = np.ceil(bottom).astype(np.intp) - firsts
        owner = np.repeat(np.arange(len(cols)), counts)
        row = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + firsts[owner]
        cover = np.minimum(row + 1, bottom[owner]) - np.maximum(row, top[owner])
        place = row * self.width + cols[owner] // ACROSS
        covers = np.bincount(place, cover / ACROSS, self.height * self.width)
        touched = np.flatnonzero(covers > 0)
        pixels = self._pixels.reshape(-1, 3)
        under = pixels[touched]
        laid = strength * covers[touched].astype(np.float32)[:, None]
        pixels[touched] = under + laid * (np.array(color, np.float32) - under)

    def disc(self, y: float, x: float, radius: float, color: Color) -> None:
        """Lay a disc around a place."""
        rows, cols = _reached(y, radius, self.height), _reached(x, radius, self.width)
        down = np.arange(rows.start, rows.stop)[:, None] + 0.5 - y
        over = np.arange(cols.start, cols.stop)[None, :] + 0.5 - x
        cover = np.clip(radius + 0.5 - np.hypot(down, over), 0, 1).astype(np.float32)
        self._lay(rows, cols, color, cover)

    def _lay(self, rows: slice, cols: slice, color: Color, cover: Cover) -> None:
        under = self._pixels[rows, cols]
        under += cover[..., None] * (np.array(color, np.float32) - under)


def _reached(middle: float, radius: float, length: int) -> slice:
    """Return the pixels of a line of them that a disc reaches; none where it lies beside it."""
    first, stop = floor(middle - radius - 1), ceil(middle + radius + 1)
    return slice(max(0, min(first, length)), max(0, min(stop, length)))


def _dashes(length: int, dashed: bool) -> Cover:  # noqa: FBT001 - handed on
    """Return which pixels of a line are covered."""
    on = np.arange(length) % (2 * _DASH) < _DASH if dashed else np.ones(length, bool)
    return on.astype(np.float32)


def _brushed(top: Values, bottom: Values, radius: float) -> tuple[Values, Values]:
    """Return from where to where a brush covers each column that is moved along all of them."""
    reach = floor(radius * ACROSS)
    tops, bottoms = np.full_like(top, np.nan), np.full_like(bottom, np.nan)
    for by in range(-reach, reach + 1):
        half = sqrt(radius * radius - (by / ACROSS) ** 2)
        there = slice(max(0, by), len(top) + min(0, by))
        here = slice(max(0, -by), len(top) + min(0, -by))
        tops[here] = np.fmin(tops[here], top[there] - half)
        bottoms[here] = np.fmax(bottoms[here], bottom[there] + half)
    return tops, bottoms
