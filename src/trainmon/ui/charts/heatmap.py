"""Heat maps: rows of values over one axis, the larger the denser.

stem   ░░░░░░▒▒▒▒▓▓▓▓      shades between the round ends of a common scale,
block1 ▒▒▒▒↑▒▒▒▓▓▓▓██      a spike that its cell's median would hide,
block2 00000000000000      exactly zero,
head   ▓▓▓▓▓▓▓✖✖✖✖✖✖✖      not a finite number
      └─┬──────┬──────
        0     10k
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from trainmon.ui.charts.axis import XKind, log_labels
from trainmon.ui.charts.cells import BLANK, Part, shortened, width_of
from trainmon.ui.charts.chart import Area, ChartOptions, plot_column
from trainmon.ui.charts.frame import Frame, draw_axes
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.heat_cells import Flags, HeatCells, heat_cells
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.ranges import range_of_x
from trainmon.ui.charts.scale import Range, Scale, Values, is_drawable, snapped

_SHADES: Final = (
    ("░", Ink.SIGNAL_RAW),
    ("▒", Ink.SIGNAL_RAW),
    ("▒", Ink.SIGNAL),
    ("▓", Ink.SIGNAL),
    ("█", Ink.SIGNAL),
)
"""From the low end of the scale to the high one: each is denser or brighter than the one before,
and none is ever paler, also where there are no colours."""

_SPIKE: Final = ("↑", Ink.STRONG)
_ZERO: Final = ("0", Ink.DIM)
_BELOW: Final = ("-", Ink.DIM)
_BROKEN: Final = ("✖", Ink.ERROR)

_HINT: Final = "┊"

_SPIKE_SHADES: Final = 2
"""Shades above its median at which the highest value of a cell is marked: one is noise."""

_SPIKE_TIMES: Final = 3.0
"""Times what the highest values of a row are above the medians of their cells in all but a quarter
of them: what is less is how that row scatters,"""

_SPIKE_TIMES_MEDIAN: Final = 4.0
"""unless it is so many times the median itself: that is a spike, how often it may come."""

_FAR: Final = 1e6
"""Scales: what is further above is no further away."""

_TYPICAL: Final = (2.0, 25.0, 75.0, 98.0)
"""Percentiles that a scale is found by: the outermost are its ends,"""

_FENCE: Final = 1.5
"""unless they lie so many times the distance of the quartiles beyond these, as Tukey counts
outliers: a layer that gets next to nothing takes the end of the scale and flattens no other."""

_LABEL_SHARE: Final = 3
"""The part of the width that labels may take."""

_LEAST_PLOT: Final = 16
"""Columns below which there is room for the map alone."""

_ROWS_FOR_X: Final = 4
"""Rows from which on two are well spent on the axis."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One row: `x` and `y` of equal length, its label on the left, what stands on the right."""

    label: Sequence[Part]
    x: ArrayLike
    y: ArrayLike
    tail: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class HeatOptions:
    """How a heat map is drawn; ranges that are None follow the data in round numbers.

    Without `axis` all rows are for the map, as where another one stands below it.
    """

    log: bool = False
    x_kind: XKind = "step"
    x_range: Range | None = None
    value_range: Range | None = None
    axis: bool = True
    spelled: Callable[[float], str] | None = None
    """Writes the ends of the scale."""
    pointed_at: float | None = None
    """Where on the axis a cross-hair stands."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A drawn heat map: its cells, where on them the map lies, and what it runs over."""

    grid: Grid = field(compare=False)
    plot: Area
    x: Scale
    values: Scale
    legend: Sequence[Part]
    """The scale, and the glyphs that occur, with what they mean."""


def draw_heatmap(
    height: int, width: int, rows: Sequence[HeatRow], options: HeatOptions | None = None
) -> HeatMap:
    """Return a heat map with as many of the rows as `height` has room for, the first on top.

    Raises ValueError if the x and y of a row differ in length.
    """
    options = options or HeatOptions()
    height, width = max(height, 0), max(width, 0)
    has_x = options.axis and height >= _ROWS_FOR_X
    rows = rows[: max(height - 2 * has_x, 0)]
    points = [Points.of(row.x, row.y) for row in rows]
    x = Scale(*range_of_x(points, ChartOptions(x_range=options.x_range)))
    grid, plot = Grid(height, width), _plot_of(rows, width)
    cells = heat_cells(points, x, plot.width)
    values = _scale_of(cells.median, options)
    shown = _shown(cells, values)
    grid.paste(_painted(shown), 0, plot.col)
    for row, each in enumerate(rows):
        if plot.col:
            grid.write_parts(row, 0, shortened(each.label, plot.col - 1))
        if plot.col + plot.width < width:
            grid.write_parts(row, width - width_of(each.tail), each.tail)
    if options.pointed_at is not None:
        _point(grid, plot, plot_column(options.pointed_at, x, plot.width))
    if has_x and plot.width:
        draw_axes(grid, Frame(plot, [], [], 0, has_x), x, values, options.x_kind)
    return HeatMap(grid, plot, x, values, _legend(shown, values, options))


def _plot_of(rows: Sequence[HeatRow], width: int) -> Area:
    """Return where the map lies between the labels and what stands on the right."""
    label = max((width_of(row.label) for row in rows), default=0)
    label = min(label, width // _LABEL_SHARE)
    tail = max((width_of(row.tail) for row in rows), default=0)
    left, right = label + (label > 0), tail + (tail > 0)
    if width - left - right < _LEAST_PLOT:
        right = 0
    if width - left - right < _LEAST_PLOT:
        left = 0
    return Area(0, left, len(rows), max(width - left - right, 0))


def _scale_of(medians: Values, options: HeatOptions) -> Scale:
    """Return the scale asked for, or else one in round numbers that holds typical values."""
    if options.value_range is not None and is_drawable(*options.value_range):
        low, high = options.value_range
        if low > 0 or not options.log:
            return Scale(low, high, log=options.log)
    return Scale(*typical_range(medians, log=options.log), log=options.log)


def typical_range(values: Values, *, log: bool) -> Range:
    """Return a range in round numbers that holds the finite values, a few outliers aside.

    >>> typical_range(np.array([0.012, 0.5, np.nan, 7.0]), log=True)
    (0.01, 10.0)
    """
    told = values[np.isfinite(values)]
    told = told[told > 0] if log else told
    if not told.size:
        return (0.1, 1.0) if log else (0.0, 1.0)
    # Halves, since the distance of two large numbers may overflow.
    placed = np.log10(told) if log else told / 2
    low, first, third, high = np.percentile(placed, _TYPICAL, method="nearest").tolist()
    reach = _FENCE * (third - first) or high - low
    near = told[(placed >= max(low, first - reach)) & (placed <= min(high, third + reach))]
    return snapped(float(near.min()), float(near.max()), log=log)


def _point(grid: Grid, plot: Area, col: int | None) -> None:
    """Let the cells of a column stand out; their glyphs stay."""
    if col is None:
        return
    column = np.s_[: plot.height, plot.col + col]
    grid.inks[column] = Ink.FOCUS
    grid.chars[column][grid.chars[column] == BLANK] = ord(_HINT)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What each cell is drawn as: a shade, -1 where there is none, or a glyph over it."""

    shades: Values
    spikes: Flags
    zeros: Flags
    below: Flags
    broken: Flags


def _shown(cells: HeatCells, values: Scale) -> _Shown:
    shades = _shades(cells.median, values)
    zeros = (cells.median == 0) & ~cells.broken
    below = (cells.median < 0) & ~cells.broken & values.log
    spikes = _spikes(cells, values)
    return _Shown(shades, spikes, zeros & ~spikes, below & ~spikes, cells.broken)


def _spikes(cells: HeatCells, values: Scale) -> Flags:
    """Return which cells hold a value that stands out from their median, and not as all others."""
    if not cells.high.size:
        return np.zeros(cells.high.shape, bool)
    with np.errstate(invalid="ignore", over="ignore"):
        usual_share = np.nan_to_num(np.clip(values.fraction(cells.median), 0, _FAR))
        excess = np.clip(values.fraction(cells.high) - usual_share, 0, _FAR)
        tall = cells.high >= _SPIKE_TIMES_MEDIAN * np.abs(cells.median)
    excess[~(cells.high > cells.median)] = 0
    counts = (excess > 0).sum(axis=1, keepdims=True)
    quartile = excess.shape[1] - 1 - counts // 4  # the upper one of those that are above 0
    usual = np.take_along_axis(np.sort(excess, axis=1), quartile, axis=1)
    alone = (excess >= _SPIKE_TIMES * usual) | (counts == 1)
    above: Flags = excess >= _SPIKE_SHADES / len(_SHADES)
    spikes: Flags = above & (alone | tall) & ~cells.broken
    return spikes


def _shades(values: Values, scale: Scale) -> Values:
    """Return the shade of each value, -1 where it has none."""
    share = scale.fraction(values)
    count = len(_SHADES)
    shades = np.clip(np.floor(np.nan_to_num(share, nan=-1, neginf=-1) * count), 0, count - 1)
    none = np.isnan(values) | ((values <= 0) & scale.log)
    return np.where(none, -1.0, shades)


def _painted(shown: _Shown) -> Grid:
    grid = Grid(*shown.shades.shape)
    masks = [(shown.shades == place, shade) for place, shade in enumerate(_SHADES)]
    masks += [
        (shown.zeros, _ZERO),
        (shown.below, _BELOW),
        (shown.spikes, _SPIKE),
        (shown.broken, _BROKEN),
    ]
    for mask, (glyph, ink) in masks:
        grid.chars[mask] = ord(glyph)
        grid.inks[mask] = ink
    return grid


def _legend(shown: _Shown, values: Scale, options: HeatOptions) -> list[Part]:
    ends = [values.low, values.high]
    low, high = map(options.spelled, ends) if options.spelled else log_labels(ends)
    parts: list[Part] = [(f"{low} ", Ink.DIM), *_SHADES, (f" {high}", Ink.DIM)]
    glyphs = (
        (shown.spikes, _SPIKE, "spike"),
        (shown.zeros, _ZERO, "zero"),
        (shown.below, _BELOW, "negative"),
        (shown.broken, _BROKEN, "not finite"),
    )
    for mask, glyph, word in glyphs:
        if mask.any():
            parts += [("   ", Ink.DIM), glyph, (f" {word}", Ink.DIM)]
    return parts
