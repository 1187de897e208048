"""Which of two runs goes better, and what the worse one has otherwise, likelier reasons first."""

from collections.abc import Hashable, Iterator

from trainmon.report.comparison import verdict
from trainmon.ui.charts.cells import Part, shortened
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.plots import border, empty, wrapped
from trainmon.ui.panel import Panel
from trainmon.ui.runs.side_by_side import COMPARING, SideBySide
from trainmon.ui.scene import Scene


class DifferencesPanel(Panel):
    """The verdict on two runs, and their settings."""

    title = "differences"

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the comparison."""
        return scene.state, id(COMPARING.of(scene))

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the list in its box."""
        return draw_differences(scene, COMPARING.of(scene), height, width, focus=self.has_focus)


def draw_differences(
    scene: Scene, side: SideBySide | None, height: int, width: int, *, focus: bool = False
) -> Grid:
    """Return the verdict on two runs and what the worse one has otherwise."""
    title: list[Part] = [("differences", Ink.TITLE)]
    if side is None:
        return empty(height, width, title, "no other run" if scene.run else "", focus=focus)
    grid = Grid(height, width)
    room = max(width - 4, 8)
    lines = list(_lines(side, room))
    for row, line in enumerate(lines[: max(height - 2, 0)], start=1):
        grid.write_parts(row, 2, shortened(line, room))
    border(grid, title, list(_counted(side)), focus=focus)
    return grid


def _counted(side: SideBySide) -> Iterator[list[Part]]:
    """Yield how many settings matter, where both logs tell theirs."""
    if all(side.comparison.configured):
        harmful = sum(each.harm > 0 for each in side.comparison.differences)
        words = f"{harmful} that matter{'s' * (harmful == 1)}"
        yield [(words, Ink.STRONG if harmful else Ink.DIM)]


def _lines(side: SideBySide, width: int) -> Iterator[list[Part]]:
    """Yield the lines of the panel, broken at its width."""
    comparison = side.comparison
    for line in wrapped(verdict(comparison), width):
        yield [(line, Ink.STRONG)]
    yield []
    names = (comparison.run, comparison.other)
    pairs = zip(names, comparison.configured, strict=True)
    untold = [name for name, is_told in pairs if not is_told]
    if untold:
        told = f"settings cannot be compared: no configuration in the log of {' and '.join(untold)}"
        for line in wrapped(told, width):
            yield [(line, Ink.DIM)]
        return
    here, there = names if comparison.worse_first else names[::-1]
    harmful = [each for each in comparison.differences if each.harm > 0]
    head = f"what {here} has otherwise than {there}"
    if not harmful:
        head = "no setting differs that matters"
    for line in wrapped(head, width):
        yield [(line, Ink.TITLE)]
    for number, each in enumerate(harmful, start=1):
        first, *more = wrapped(each.text, width - 4)
        yield [(f"{number:2}. ", Ink.KEY), (first, Ink.TEXT)]
        for line in more:
            yield [("    ", Ink.TEXT), (line, Ink.TEXT)]
