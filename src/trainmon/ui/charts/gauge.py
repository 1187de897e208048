"""Gauges: a share of something as a bar."""

from math import isnan
from typing import Final

from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink

_FULL: Final = "█"
_PARTS: Final = " ▏▎▍▌▋▊▉"
"""Blocks from nothing to seven eighths of a cell."""

_TRACK: Final = "░"


def draw_gauge(share: float, width: int, ink: Ink) -> Grid:
    """Return one row of `width` cells, filled from the left to an eighth of a cell.

    Shares outside 0 to 1 count as the nearer end, NaN as nothing. Only nothing looks empty and
    only all looks full.

    >>> draw_gauge(0.4, 10, Ink.SIGNAL).text()
    '████░░░░░░'
    """
    grid = Grid(1, width)
    grid.write(0, 0, _TRACK * grid.width, Ink.FAINT)
    if isnan(share) or share <= 0 or not grid.width:
        return grid
    eighths = grid.width * 8
    filled = eighths if share >= 1 else min(max(round(share * eighths), 1), eighths - 1)
    whole, part = divmod(filled, 8)
    col = grid.write(0, 0, _FULL * whole, ink)
    if part:
        grid.write(0, col, _PARTS[part], ink)
    return grid
