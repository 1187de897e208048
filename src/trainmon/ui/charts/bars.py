"""Bars of blocks over several rows: each column shows the highest value of its share."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink

_BLOCKS: Final = np.array([ord(block) for block in " ▁▂▃▄▅▆▇█"], np.uint32)
_EIGHTHS: Final = 8


def draw_bars(
    values: ArrayLike,
    height: int,
    width: int,
    ink: Ink,
    *,
    top: float = 0.0,
    spike_above: float | None = None,
    spike_ink: Ink = Ink.WARNING,
) -> Grid:
    """Return bars from 0 to the highest value or `top`, oldest on the left; no value is lost.

    Values that are not finite, or not above 0, leave their column empty. Any other shows at
    least an eighth of a cell. Bars with a value over `spike_above` take `spike_ink`.

    >>> print(draw_bars([1, 2, 16], 2, 3, Ink.SIGNAL).text())
      █
    ▁▂█
    """
    grid = Grid(height, width)
    row = np.asarray(values, dtype=np.float64).ravel()
    count = min(row.size, grid.width)
    if not count or not grid.height:
        return grid
    starts = np.arange(count) * row.size // count
    highest = np.maximum.reduceat(np.where(np.isfinite(row), row, 0.0), starts)
    top = max(top, float(highest.max()))
    if top <= 0:
        return grid
    filled = np.ceil(highest / top * grid.height * _EIGHTHS).astype(np.intp)
    filled = np.maximum(filled, highest > 0)  # beside a huge one a share may vanish
    below = np.arange(grid.height - 1, -1, -1)[:, None] * _EIGHTHS
    grid.chars[:, :count] = _BLOCKS[np.clip(filled - below, 0, _EIGHTHS)]
    grid.inks[:, :count] = ink
    if spike_above is not None:
        grid.inks[:, :count][:, highest > spike_above] = spike_ink
    return grid
