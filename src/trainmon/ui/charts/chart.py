"""What a chart is asked to show, and what it became."""

from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from trainmon.ui.charts.axis import XKind
from trainmon.ui.charts.braille import DOTS_DOWN, dot_row
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.scale import Range, Scale


@dataclass(frozen=True, slots=True)
class Series:
    """One line: `x` and `y` of equal length, in any order; NaN and infinite `y` break the line.

    `raw_ink` is for the band of raw values that lies under a smoothed line. `label` is written
    near the newest point, if it hides nothing there.
    """

    x: ArrayLike
    y: ArrayLike
    ink: Ink
    raw_ink: Ink = Ink.FAINT
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph at a place: on the curve where `y` is given, else at the top of its column.

    With `hint`, a faint vertical line leads from it to the axes.
    """

    x: float
    y: float | None
    glyph: str
    ink: Ink
    label: str = ""
    hint: bool = True


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold, drawn as a dashed line across the chart with its label at the right."""

    value: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """How a chart is drawn.

    `smooth` is the weight of the moving average, from 0 (none) to 1. `x_range` and `y_range` fix
    what is shown; None follows the data in round numbers. `robust` lets outliers and early falls
    run out of the chart. Times are seconds since the start of the run.
    """

    log_y: bool = False
    smooth: float = 0.0
    x_kind: XKind = "step"
    x_range: Range | None = None
    y_range: Range | None = None
    robust: bool = False
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells."""

    row: int
    col: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: its cells, where on them the plot lies, and what its axes run over.

    `hidden` counts the values that a logarithmic axis could not show.
    """

    grid: Grid = field(compare=False)
    plot: Area
    x: Scale
    y: Scale
    hidden: int = 0

    @property
    def note(self) -> str:
        """Say what is not to be seen, or nothing."""
        if not self.hidden:
            return ""
        values = "value" if self.hidden == 1 else "values"
        return f"{self.hidden:,} {values} <= 0 left out: the axis is logarithmic"

    def column_of(self, x: float) -> int | None:
        """Return the column of the grid in which `x` lies, or None where it is out of sight."""
        col = plot_column(x, self.x, self.plot.width)
        return None if col is None else self.plot.col + col

    def row_of(self, y: float) -> int | None:
        """Return the row of the grid in which `y` lies, or None where it is out of sight."""
        row = plot_row(y, self.y, self.plot.height)
        return None if row is None else self.plot.row + row

    def x_at(self, col: int) -> float:
        """Return the x in the middle of a column of the grid."""
        return self.x.value((col - self.plot.col + 0.5) / max(self.plot.width, 1))


def plot_column(x: float, scale: Scale, width: int) -> int | None:
    """Return in which of `width` columns `x` lies, or None if in none."""
    share = scale.position(x)
    return min(int(share * width), width - 1) if 0 <= share <= 1 and width else None


def plot_row(y: float, scale: Scale, height: int) -> int | None:
    """Return in which of `height` rows `y` lies, or None if in none."""
    share = scale.position(y)
    return int(dot_row(share, height)) // DOTS_DOWN if 0 <= share <= 1 and height else None
