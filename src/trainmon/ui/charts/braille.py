"""Lines as braille dots: each cell of the screen is two dots wide and four dots high."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.columns import Columns
from trainmon.ui.charts.scale import Scale, Values
from trainmon.ui.charts.strokes import strokes

DOTS_ACROSS: Final = 2
DOTS_DOWN: Final = 4
"""Dots of one cell, as Unicode's braille patterns have them."""

BRAILLE: Final = 0x2800
"""The code point of the empty pattern; those of the others follow by their bits."""

_LEFT_BAR: Final = np.array([0x00, 0x01, 0x03, 0x07, 0x47], np.uint8)
_RIGHT_BAR: Final = np.array([0x00, 0x08, 0x18, 0x38, 0xB8], np.uint8)
"""Bits of the uppermost 0 to 4 dots of a column. A bar from dot a to dot b is what the bar down
to b has more than the bar that ends before a."""

_FAR: Final = 1e6
"""Heights of the chart beyond which a value is no further away: a line to it is upright anyway."""

Patterns = NDArray[np.uint8]
"""Series x rows x columns of cells: the bits of the dots that are lit."""


def dot_rows(values: Values, scale: Scale, height: int) -> Values:
    """Return how far down values lie on a chart of `height` cells, in dots.

    The high end of the scale is the middle of the uppermost dot, the low end that of the lowest.
    """
    share = scale.fraction(values).clip(-_FAR, _FAR)
    return (1 - share) * (height * DOTS_DOWN - 1) + 0.5


def dot_row(share: float, height: int) -> float:
    """Return how far down a share of the scale lies, likewise."""
    return (1 - share) * (height * DOTS_DOWN - 1) + 0.5


def drawn(columns: Columns, scale: Scale, height: int) -> Patterns:
    """Return the dots of lines through the given columns, on a chart of `height` cells.

    Every column shows all of its values, from the lowest to the highest. Neighbours are joined by
    a line that leaves no dot out and lights none twice; empty columns are bridged, gaps are not.
    """
    upper, lower, before, after = strokes(columns, lambda values: dot_rows(values, scale, height))
    # A row belongs to the column in which the line crosses its middle, so to one column alone.
    top = np.fmin(np.floor(upper), np.ceil(np.fmin(before, after) - 0.5))
    bottom = np.fmax(np.floor(lower), np.ceil(np.fmax(before, after) - 0.5) - 1)
    return _patterns(top, bottom, height)


def _patterns(top: Values, bottom: Values, height: int) -> Patterns:
    """Return bars from dot row `top` to dot row `bottom` inclusive; NaN means none."""
    empty = np.isnan(top)
    starts = np.where(empty, 0, top.clip(0, height * DOTS_DOWN)).astype(np.intp)
    stops = np.where(empty, 0, (bottom + 1).clip(0, height * DOTS_DOWN)).astype(np.intp)
    bars: Patterns | None = None
    for side, down_to in enumerate(_bars(height)):
        cols = np.s_[:, side::DOTS_ACROSS]
        bar = down_to[stops[cols]] & ~down_to[starts[cols]]
        bars = bar if bars is None else bars | bar
    assert bars is not None
    return bars.transpose(0, 2, 1)


@lru_cache(maxsize=16)
def _bars(height: int) -> tuple[Patterns, Patterns]:
    """Return the left and the right half of columns that are lit down to each dot.

    Both are dots x rows of cells. To look a whole column up takes a quarter of what it takes to
    find out for each cell how much of it is lit.
    """
    dots = np.arange(height * DOTS_DOWN + 1)[:, None] - np.arange(height) * DOTS_DOWN
    lit = dots.clip(0, DOTS_DOWN)
    return _LEFT_BAR[lit], _RIGHT_BAR[lit]
