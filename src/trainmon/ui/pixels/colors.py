"""The colours of a theme, for what is painted."""

from rich.style import Style
from textual.theme import Theme

from trainmon.ui.charts.palette import Color, Palette
from trainmon.ui.look.themes import ink_styles


def palette_of(theme: Theme, ground: Color) -> Palette:
    """Return the colours that inks have in a theme, over that of a panel."""
    return Palette(tuple(_color(style) for style in ink_styles(theme)), ground)


def _color(style: str) -> Color:
    color = Style.parse(style).color
    red, green, blue = color.get_truecolor() if color else _UNTOLD
    return red, green, blue


_UNTOLD = (128, 128, 128)
"""The colour of an ink that leaves it to the terminal: grey is seen on every ground."""
