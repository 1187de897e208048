"""A chart in its box, and a box that says what is missing."""

from collections.abc import Sequence

from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.chart import ChartOptions, Mark, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart


def boxed(
    height: int,
    width: int,
    titles: tuple[Sequence[Part], Sequence[Part]],
    series: Sequence[Series],
    marks: Sequence[Mark] = (),
    options: ChartOptions | None = None,
    *,
    focus: bool = False,
) -> Grid:
    """Return a line chart in a border with its title on the left and its values on the right."""
    grid = Grid(height, width)
    grid.paste(draw_chart(height - 2, width - 2, series, marks, options).grid, 1, 1)
    title, values = titles
    grid.box(title, values, focus=focus)
    return grid


def empty(height: int, width: int, title: Sequence[Part], hint: str, *, focus: bool) -> Grid:
    """Return a box without data that says which line of code would fill it."""
    grid = Grid(height, width)
    grid.box(title, focus=focus)
    lines = wrapped(hint, max(width - 6, 8))
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
