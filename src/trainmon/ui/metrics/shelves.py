"""Charts in rows below the headings of their groups, and which of them are in sight."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainmon.ui.metrics.metric_groups import Group

_CHART_WIDTH = 40
"""Cells for which a chart gets a column: a title, a value and a curve that can be told."""

_TALL = 48
"""Rows from which on charts are tall enough for an x axis of their own."""

_CHART_HEIGHT, _TALL_CHART_HEIGHT = 7, 10
"""Rows of a chart with its border: five of the curve, or six over an axis."""

_TALLEST = 16
"""Rows of a chart where there are few: a taller one is wanted large, and has a key for it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One row of charts; over the first chart of a group stands its heading."""

    metrics: tuple[str, ...]
    groups: tuple[Group, ...]
    """The group of each chart."""
    headings: tuple[int, ...]
    """The columns over which a heading stands."""

    def rows(self, chart: int) -> int:
        """Return how many rows of the screen it takes, with charts of a height."""
        return chart + bool(self.headings)


@dataclass(frozen=True, slots=True)
class Shelves:
    """All charts of a page, for a room of a certain size."""

    height: int
    """Rows there are for them."""
    columns: int
    chart_height: int
    rows: tuple[Shelf, ...]

    def place(self, metric: str) -> tuple[int, int]:
        """Return shelf and column of a chart; those of the first where it is not here."""
        for at, shelf in enumerate(self.rows):
            if metric in shelf.metrics:
                return at, shelf.metrics.index(metric)
        return 0, 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """All charts, shelf after shelf."""
        return tuple(metric for shelf in self.rows for metric in shelf.metrics)

    def moved(self, metric: str, down: int) -> str:
        """Return the chart that lies so many shelves below one; edges hold it."""
        if not self.rows:
            return metric
        at, col = self.place(metric)
        shelf = self.rows[max(0, min(len(self.rows) - 1, at + down))]
        return shelf.metrics[min(col, len(shelf.metrics) - 1)]

    def top(self, metric: str, top: int) -> int:
        """Return the first shelf in sight: the one there was, unless a chart would be out of it."""
        at, _ = self.place(metric)
        most = self.height // self.chart_height  # shelves that there may be room for
        top = min(max(top, at - most), at)
        while top < at and self._rows(top, at + 1) > self.height:
            top += 1
        while top > 0 and self._rows(top - 1, len(self.rows)) <= self.height:
            top -= 1
        return top

    def in_sight(self, top: int) -> int:
        """Return how many shelves are wholly in sight from one on; at least one counts."""
        count = 1
        while top + count < len(self.rows) and self._rows(top, top + count + 1) <= self.height:
            count += 1
        return count

    def _rows(self, first: int, stop: int) -> int:
        return sum(shelf.rows(self.chart_height) for shelf in self.rows[first:stop])


def shelved(groups: Sequence[Group], height: int, width: int) -> Shelves:
    """Return the charts of some groups on shelves in a room of `height` x `width` cells.

    A group that fits whole behind another one stands on its shelf.
    """
    columns = max(1, width // _CHART_WIDTH)
    rows: list[list[tuple[str, Group]]] = []
    for group in groups:
        charts = [(metric, group) for metric in group.metrics]
        if rows and len(rows[-1]) + len(charts) <= columns:
            rows[-1] += charts
        else:
            rows += [charts[first : first + columns] for first in range(0, len(charts), columns)]
    shelves = tuple(_shelf(row, headed=len(groups) > 1) for row in rows)
    return Shelves(height, columns, _chart_height(shelves, height), shelves)


def _chart_height(shelves: Sequence[Shelf], height: int) -> int:
    """Return how tall charts are: as usual, and taller where all of them leave room for it."""
    usual = _TALL_CHART_HEIGHT if height >= _TALL else _CHART_HEIGHT
    headings = sum(bool(shelf.headings) for shelf in shelves)
    room = (height - headings) // max(len(shelves), 1)
    return max(usual, min(room, _TALLEST))


def _shelf(charts: Sequence[tuple[str, Group]], *, headed: bool) -> Shelf:
    metrics, groups = zip(*charts, strict=True)
    begins = [group.metrics[0] == metric for metric, group in charts]
    headings = tuple(col for col, begun in enumerate(begins) if begun and headed)
    return Shelf(metrics, groups, headings)
