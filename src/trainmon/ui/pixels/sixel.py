"""Pictures for terminals that speak sixel: laid over cells, and gone where these are written to."""

import re

from PIL.Image import fromarray
from textual_image._sixel import image_to_sixels  # there is no public name for it
from textual_image.renderable.sixel import SixelOptions

from trainmon.ui.charts.palette import Picture

_COLORS = 64
"""Colours of a picture: the inks of a chart, and some steps from each to the ground."""

_HEADER = re.compile(r'\x1bP[\d;]*q"[\d;]*')
"""What begins a picture: how it is sent, and its size."""

_DEFINITION = re.compile(r"#(\d+)(;2;\d+;\d+;\d+)")
"""The number of a colour, and how much red, green and blue it has."""


def sent(picture: Picture, row: int, col: int) -> str:
    """Return what shows a picture, its top left corner on a cell, and the cursor where it was."""
    sixels = image_to_sixels(fromarray(picture), SixelOptions(colors=_COLORS))
    return f"\x1b7\x1b[{row + 1};{col + 1}H{_defined_first(sixels)}\x1b8"


def _defined_first(sixels: str) -> str:
    r"""Return sixels with all their colours defined before the first is drawn with.

    Where one is defined on first use, xterm and foot go on with the colour before: they take a
    definition for no choice of it.

    >>> _defined_first('\x1bP0;0;0q"1;1;2;6#0;2;9;9;9~$#7;2;1;2;3?~#0~')
    '\x1bP0;0;0q"1;1;2;6#0;2;9;9;9#7;2;1;2;3#0~$#7?~#0~'
    """
    begins = _HEADER.match(sixels)
    at = begins.end() if begins else 0
    definitions = "".join(each[0] for each in _DEFINITION.finditer(sixels, at))
    return sixels[:at] + definitions + _DEFINITION.sub(r"#\1", sixels[at:])
