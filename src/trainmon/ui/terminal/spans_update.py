"""What is sent of the spans of a screen that changed, or of all of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.geometry import Region
from textual.widget import Widget

from trainmon.ui.terminal.pen import Pen

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


class SpansUpdate(CompositorUpdate):
    """What is to be sent of a screen; the widgets are asked for it when it is."""

    def __init__(self, pieces: Sequence[Piece], *, whole: bool = False) -> None:
        self.pieces = pieces
        self.whole = whole
        """Whether it is the whole screen."""
        self._text: str | None = None

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
        for row, col, widget, crop in self.pieces:
            pen.place(row, col, crop.width)
            write: Callable[[Pen, Region], None] | None = getattr(widget, WRITER, None)
            if write:
                write(pen, crop)
            else:
                for strip in widget.render_lines(crop):
                    for text, style, _ in strip:
                        pen.write(text, style)
        return pen.finished()
