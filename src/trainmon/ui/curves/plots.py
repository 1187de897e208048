"""A chart in its box, and a box that says what is missing."""

from collections.abc import Sequence

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.chart import ChartOptions, Mark, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ground import Ground
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart

Values = Sequence[Sequence[Part]]
"""What stands on the right of a border: groups of pieces, the most needed first."""

_TITLE_COST = 7
"""Cells of a border between and around a title and values: two corners, a line, four spaces."""


def boxed(
    height: int,
    width: int,
    titles: tuple[Sequence[Part], Values],
    series: Sequence[Series],
    marks: Sequence[Mark] = (),
    options: ChartOptions | None = None,
    *,
    focus: bool = False,
    aims: bool = True,
) -> Grid:
    """Return a line chart in a border with its title on the left and its values on the right.

    It can be pointed at, unless its axis is another one than that of the screen: then it `aims` at
    nothing.
    """
    grid = Grid(height, width)
    chart = draw_chart(height - 2, width - 2, series, marks, options)
    grid.paste(chart.grid, 1, 1)
    plot = chart.plot
    if aims:
        ground = Ground(plot.row, plot.col, plot.height, plot.width, chart.x.low, chart.x.high)
        grid.grounds += (ground.moved(1, 1),)
    border(grid, *titles, focus=focus)
    return grid


def border(grid: Grid, title: Sequence[Part], values: Values = (), *, focus: bool) -> None:
    """Draw the border of a panel with as many values as leave its name, the first part, whole.

    What else the title tells has the room that is left. A part that does not fit is left out,
    since half a word or number misleads; the first group of values is always there.
    """
    room = grid.width - _TITLE_COST - width_of(title[:1])
    kept = list(values)
    while len(kept) > 1 and _width(kept) > room:
        kept.pop()
    told = len(title)
    while told > 1 and _width(kept) + width_of(title[1:told]) > room:
        told -= 1
    grid.box(title[:told], [part for group in kept for part in group], focus=focus)


def empty(height: int, width: int, title: Sequence[Part], hint: str, *, focus: bool) -> Grid:
    """Return a box without data that says, in a line or more, what would fill it."""
    grid = Grid(height, width)
    grid.box(title, focus=focus)
    lines = [line for part in hint.split("\n") for line in wrapped(part, max(width - 6, 8))]
    top = max(1, (height - len(lines)) // 2)
    for row, line in enumerate(lines[: max(height - 2, 0)]):
        grid.write_parts(top + row, 3, shortened([(line, Ink.DIM)], width - 5))
    return grid


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` characters, broken at spaces where there are any.

    >>> wrapped("no gradient norms: log.watch(model)", 20)
    ['no gradient norms:', 'log.watch(model)']
    """
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _width(groups: Values) -> int:
    return sum(width_of(group) for group in groups)
