"""Line charts as pixels: what the braille of `line` shows, smooth; arrays in, a picture out.

The words and glyphs of a chart stay text, over the picture or around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from trainmon.ui.charts.canvas import ACROSS, Canvas
from trainmon.ui.charts.chart import ChartOptions, Mark, Series
from trainmon.ui.charts.columns import Columns, columns
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.palette import Palette, Picture
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Scale, Values
from trainmon.ui.charts.smoothing import smoothed
from trainmon.ui.charts.strokes import strokes

_WIDTH, _THINNEST = 0.11, 1.5
"""Width of a line in heights of a cell, which is 2 pixels at the usual 18, and in pixels at least:
a thinner one is grey."""

_DOT: Final = 2.2
"""Radius of the newest point in widths of its line."""

_BAND, _HINT, _RULER = 0.8, 0.5, 0.4
"""How much of the ground raw bands, lines down from marks, and lines across from ticks cover."""

_FAR: Final = 1e4
"""Heights of the plot beyond which a value is no further away: a line to it is upright anyway."""

_MARGINS: Final = 8
"""Of the height of a cell an eighth lies above the axis and below it: it runs from the middle of
the uppermost braille dot to that of the lowest, so that ticks are right either way."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything inside the axes of a chart."""

    series: Sequence[Series]
    points: Sequence[Points]
    x: Scale
    y: Scale
    marks: Sequence[Mark]
    options: ChartOptions
    rulers: Sequence[float]
    """The values of y at which a faint line goes across."""
    rows: int
    """The height in cells."""

    def heights(self, values: Values, height: int) -> Values:
        """Return how far down values lie in a picture of this height, in pixels."""
        share = np.clip(self.y.fraction(values), -_FAR, _FAR)
        margin = height / max(self.rows, 1) / _MARGINS
        return margin + (1 - share) * (height - 2 * margin)


def painted(plot: Plot, height: int, width: int, palette: Palette) -> Picture:
    """Return a plot as `height` x `width` pixels, painted from the bottom up."""
    canvas = Canvas(height, width, palette.ground)
    if height and width:
        _hint(canvas, plot, palette)
        raw = columns(plot.points, (plot.x.low, plot.x.high), width * ACROSS)
        lines = raw
        if plot.options.smooth > 0:
            inks = [line.raw_ink for line in plot.series]
            _draw(canvas, plot, raw, inks, palette, 0.5, _BAND)
            means = smoothed(raw.mean, raw.position, plot.options.smooth)
            lines = replace(raw, low=means, high=means, first=means, last=means)
        if plot.options.limit is not None:
            at = _height(plot, plot.options.limit.value, height)
            canvas.across(at, palette.of(Ink.LIMIT), 1.0, dashed=True)
        thick = max(_THINNEST, _WIDTH * height / max(plot.rows, 1))
        _draw(canvas, plot, lines, [line.ink for line in plot.series], palette, thick / 2, 1.0)
        _end(canvas, plot, lines, palette, _DOT * thick)
    return canvas.picture


def _hint(canvas: Canvas, plot: Plot, palette: Palette) -> None:
    """Lay lines across from the ticks, down from the marks, and the cross-hair."""
    for value in plot.rulers:
        canvas.across(_height(plot, value, canvas.height), palette.of(Ink.FAINT), _RULER)
    for mark in plot.marks:
        share = plot.x.position(mark.x)
        if mark.hint and 0 <= share <= 1:
            at = min(share * canvas.width, canvas.width - 1)
            pointed_at = mark.ink is Ink.FOCUS
            strength = 1.0 if pointed_at else _HINT
            canvas.down(at, palette.of(mark.ink), strength, dashed=not pointed_at)


def _draw(
    canvas: Canvas,
    plot: Plot,
    lines: Columns,
    inks: Sequence[Ink],
    palette: Palette,
    radius: float,
    strength: float,
) -> None:
    """Lay the lines of all series, each in its ink, the later over the earlier."""
    upper, lower, before, after = strokes(lines, lambda each: plot.heights(each, canvas.height))
    top = np.fmin(upper, np.fmin(before, after))
    bottom = np.fmax(lower, np.fmax(before, after))
    for row, ink in enumerate(inks):
        canvas.stroke(top[row], bottom[row], radius, palette.of(ink), strength)


def _end(canvas: Canvas, plot: Plot, lines: Columns, palette: Palette, radius: float) -> None:
    """Lay a dot at the newest point of each series that is in sight."""
    for line, held, last in zip(plot.series, lines.held, lines.last, strict=True):
        places = np.flatnonzero(held)
        if places.size and np.isnan(last[-1]):  # nothing newer lies outside
            y = float(plot.heights(last[places[-1:] + 1], canvas.height)[0])
            x = min((places[-1] + 0.5) / ACROSS, canvas.width - radius)
            canvas.disc(y, x, radius + 1, palette.ground)
            canvas.disc(y, x, radius, palette.of(line.ink))


def _height(plot: Plot, value: float, height: int) -> float:
    return float(plot.heights(np.array([value]), height)[0])
