"""What is sent of the spans of a screen that changed, or of all of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.geometry import Region
from textual.widget import Widget

from trainmon.ui.terminal.pen import Pen

if TYPE_CHECKING:  # they load numpy, and the first paint does without
    from trainmon.ui.charts.grid import Span
    from trainmon.ui.grid_widget import GridWidget

WRITER = "write_to"
"""The method by which a widget writes a part of one of its rows, if it has one: our panels need no
strips to be sent."""


class Piece(NamedTuple):
    """What is to be sent: where on the screen, and which part of which widget."""

    row: int
    col: int
    widget: Widget
    crop: Region
    """The part, in cells of the widget; one row."""


class Drawn(NamedTuple):
    """What is to be sent of a panel that is seen whole: spans, and where its corner stands."""

    row: int
    col: int
    panel: "GridWidget"
    spans: "Sequence[Span]"


class SpansUpdate(CompositorUpdate):
    """What is to be sent of a screen; the widgets are asked for it when it is."""

    def __init__(
        self, pieces: Sequence[Piece], drawn: Sequence[Drawn] = (), *, whole: bool = False
    ) -> None:
        self.pieces = pieces
        self.drawn = drawn
        self.whole = whole
        """Whether it is the whole screen."""
        self._text: str | None = None

    @property
    def regions(self) -> Iterator[Region]:
        """What is written to, on the screen."""
        for row, col, _, crop in self.pieces:
            yield Region(col, row, crop.width, 1)
        for row, col, _, spans in self.drawn:
            for y, start, stop in spans:
                yield Region(col + start, row + y, stop - start, 1)

    def render_segments(self, console: Console) -> str:
        """Return the text and the sequences that a terminal is sent."""
        if self._text is None:
            self._text = self._written(console)
        return self._text

    def repeats(self, other: "SpansUpdate | None", console: Console) -> bool:
        """Return whether it would send the whole screen once more as another has sent it."""
        if other is None or not (self.whole and other.whole):
            return False
        return self.render_segments(console) == other.render_segments(console)

    def _written(self, console: Console) -> str:
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)  # noqa: SLF001 - as Textual asks for it
        for row, col, panel, spans in self.drawn:
            panel.write_spans_to(pen, row, col, spans)
        for row, col, widget, crop in self.pieces:
            pen.place(row, col, crop.width)
            write: Callable[[Pen, Region], None] | None = getattr(widget, WRITER, None)
            if write:
                write(pen, crop)
            else:
                for strip in widget.render_lines(crop):
                    pen.write_all((text, style) for text, style, _ in strip)
        return pen.finished()
