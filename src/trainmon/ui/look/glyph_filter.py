"""Replaces glyphs on the way to the terminal, in every widget."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from trainmon.ui.look.glyphs import WHOLE, Glyphs, text_with_glyphs


class GlyphFilter(LineFilter):
    """Replaces what is drawn on the way to the terminal, in every widget."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(enabled=glyphs not in WHOLE)
        self.glyphs = glyphs

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the pieces of a line as the terminal can show them."""
        del background
        return [
            Segment(text_with_glyphs(text, self.glyphs), style, control)
            for text, style, control in segments
        ]
