"""Pictures for terminals that speak sixel: laid over cells, and gone where these are written to."""

from PIL.Image import fromarray
from textual_image._sixel import image_to_sixels  # there is no public name for it
from textual_image.renderable.sixel import SixelOptions

from trainmon.ui.charts.palette import Picture

_COLORS = 64
"""Colours of a picture: the inks of a chart, and some steps from each to the ground."""


def sent(picture: Picture, row: int, col: int) -> str:
    """Return what shows a picture, its top left corner on a cell, and the cursor where it was."""
    sixels = image_to_sixels(fromarray(picture), SixelOptions(colors=_COLORS))
    return f"\x1b7\x1b[{row + 1};{col + 1}H{sixels}\x1b8"
