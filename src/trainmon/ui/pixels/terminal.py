"""Whether a terminal shows pictures, and how: asked of it before the screen is opened."""

import fcntl
import struct
import sys
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

INSTEAD = "charts are drawn in braille"

_SIZES = "HHHH"
"""What the system tells of a terminal: rows, columns, width and height in pixels."""


class Way(StrEnum):
    """How pictures are sent."""

    SIXEL = "sixel"
    """Pixels in bands of six, over the cells that the cursor is on."""
    KITTY = "kitty"
    """A picture that has a number, and characters that stand for its cells."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """How a terminal is sent pictures, and what asks for the size of its cells.

    That is a height and a width in pixels; it changes where letters are made larger.
    """

    way: Way
    cell: Callable[[], tuple[int, int]]


def pixels_here(
    environment: Mapping[str, str], ask: Callable[[], Way | None] | None = None
) -> tuple[Pixels | None, str]:
    """Return how this terminal shows pictures, or None and why it does not.

    `ask` asks the terminal, and raises `ImportError` where nothing is installed that could.
    """
    if environment.get("NO_COLOR"):
        return None, f"pictures need colours, and NO_COLOR is set; {INSTEAD}"
    try:
        way = (ask or _asked)()
    except ImportError:
        return None, f"pictures need textual-image: pip install 'trainmon[pixels]'; {INSTEAD}"
    if way is None:
        return None, f"this terminal shows neither sixel nor kitty pictures; {INSTEAD}"
    if way is Way.KITTY and environment.get("COLORTERM", "") not in {"truecolor", "24bit"}:
        return None, f"kitty pictures need COLORTERM=truecolor; {INSTEAD}"
    return Pixels(way, _cell), ""


def _asked() -> Way | None:
    """Ask the terminal, which answers at its standard input, so before anybody else reads that."""
    from textual_image import renderable  # noqa: PLC0415 - an optional extra, which asks when loaded

    _cell()
    known = {renderable.SixelImage: Way.SIXEL, renderable.TGPImage: Way.KITTY}
    return known.get(renderable.Image)


def _cell() -> tuple[int, int]:
    """Return height and width of a cell as the system tells them, else as the terminal did."""
    from textual_image._terminal import get_cell_size  # noqa: PLC0415 - as above; no public name

    try:
        told = fcntl.ioctl(sys.__stdout__ or 1, termios.TIOCGWINSZ, bytes(struct.calcsize(_SIZES)))
        rows, columns, width, height = struct.unpack(_SIZES, told)
    except OSError:
        rows = columns = width = height = 0
    if rows and columns and width >= columns and height >= rows:
        return height // rows, width // columns
    size = get_cell_size()
    return size.height, size.width
