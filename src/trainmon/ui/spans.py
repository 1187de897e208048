"""A repaint of the spans of cells that changed: each widget is asked for those alone.

Textual renders all widgets of a row of which a cell has changed, whole, and cuts them up. Of a
border that changes its colour, or a curve that goes on by a column, that is a hundred times the
work, and keys wait for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.widget import Widget

from trainmon.ui.charts.grid import Span
from trainmon.ui.panel import Panel
from trainmon.ui.pen import Pen


class _Part(NamedTuple):
    """A part of a row of the screen, and the widget that is seen there."""

    start: int
    stop: int
    widget: Widget
    region: Region
    """Where the whole widget stands on the screen."""


class Piece(NamedTuple):
    """What is to be sent: where on the screen, and which part of which widget."""

    row: int
    col: int
    widget: Widget
    crop: Region
    """The part, in cells of the widget; one row."""


class SpanCompositor(Compositor):
    """Knows which widget is seen in each cell. Owned by its screen."""

    def __init__(self) -> None:
        super().__init__()
        self._laid_out: object = None
        """The layout of which the rows are known."""
        self._rows: dict[int, list[_Part]] = {}

    def render_partial_update(self) -> "SpansUpdate | None":  # type: ignore[override]  # Textual only hands it on to be sent
        """Return what changed since the last time; None if nothing did."""
        dirty = self._dirty_regions.copy()
        self._dirty_regions.clear()
        spans = self._regions_to_spans(dirty)
        return SpansUpdate(list(self._pieces(spans))) if dirty else None

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:  # noqa: FBT001, FBT002 - as Textual has it
        """Return the whole screen; `simplify` is for pictures, which are none of our business."""
        if simplify:
            return super().render_full_update(simplify)
        self._dirty_regions.clear()
        rows = ((row, 0, self.size.width) for row in range(self.size.height))
        return SpansUpdate(list(self._pieces(rows)))  # type: ignore[return-value]  # as above

    def _pieces(self, spans: Iterable[Span]) -> Iterator[Piece]:
        for row, start, stop in spans:
            for part in self._parts(row):
                first, last = max(part.start, start), min(part.stop, stop)
                if first < last:
                    x, y = first - part.region.x, row - part.region.y
                    yield Piece(row, first, part.widget, Region(x, y, last - first, 1))

    def _parts(self, row: int) -> list[_Part]:
        """Return what is seen in a row, from left to right."""
        if self._laid_out is not self.visible_widgets:
            self._laid_out = self.visible_widgets
            self._rows.clear()
        if row not in self._rows:
            self._rows[row] = list(self._parted(row)) if 0 <= row < self.size.height else []
        return self._rows[row]

    def _parted(self, row: int) -> Iterator[_Part]:
        cuts = self.cuts[row]
        for start, stop in pairwise(cuts):
            for widget, (region, clip) in self.visible_widgets.items():  # the foremost first
                if region.contains(start, row) and clip.contains(start, row):
                    yield _Part(start, stop, widget, region)
                    break


class SpansUpdate(CompositorUpdate):
    """What is to be sent of a screen; the widgets are asked for it when it is."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """Return the text and the sequences that a terminal is sent."""
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)  # noqa: SLF001 - as Textual asks for it
        for row, col, widget, crop in self.pieces:
            pen.place(row, col, crop.width)
            if isinstance(widget, Panel):
                widget.write_to(pen, crop)
            else:
                for strip in widget.render_lines(crop):
                    for text, style, _ in strip:
                        pen.write(text, style)
        return pen.finished()
