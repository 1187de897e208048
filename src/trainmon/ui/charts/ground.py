"""Where on a grid charts lie: what is under the mouse there, and what paints them with pixels."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from trainmon.ui.charts.palette import Palette, Picture


@dataclass(frozen=True, slots=True)
class Ground:
    """Where on a grid the plot of a chart lies, and from where to where its x axis goes there."""

    row: int
    col: int
    height: int
    width: int
    low: float
    high: float

    def holds(self, row: int, col: int) -> bool:
        """Return whether a cell lies on the plot."""
        inside = self.row <= row < self.row + self.height
        return inside and self.col <= col < self.col + self.width

    def x_at(self, col: int) -> float:
        """Return the x in the middle of a column of the grid.

        >>> Ground(0, 10, 5, 20, 0.0, 40.0).x_at(10)
        1.0
        """
        return self.low + (col - self.col + 0.5) / max(self.width, 1) * (self.high - self.low)

    def moved(self, rows: int, cols: int) -> "Ground":
        """Return it on a grid that this one is laid on."""
        return replace(self, row=self.row + rows, col=self.col + cols)


@dataclass(frozen=True, slots=True)
class Easel:
    """Where on a grid the plot of a chart lies, and what paints it with pixels instead.

    `paint` is given a height and a width in pixels, and the colours.
    """

    row: int
    col: int
    height: int
    width: int
    paint: Callable[[int, int, Palette], Picture]

    def moved(self, rows: int, cols: int) -> "Easel":
        """Return it on a grid that this one is laid on."""
        return replace(self, row=self.row + rows, col=self.col + cols)
