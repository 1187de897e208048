"""Whether a terminal shows pictures, and how: asked of it before the screen is opened."""

import fcntl
import re
import struct
import sys
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trainmon.text import clean

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a terminal says of itself."""

    way: Way | None
    name: str = ""
    """Its name and version, where it is asked for them: ``kitty(0.41.1)``."""


def pixels_here(
    environment: Mapping[str, str], ask: Callable[[], Answer] | None = None
) -> tuple[Pixels | None, str]:
    """Return how this terminal shows pictures, or None and why it does not.

    `ask` asks the terminal, and raises `ImportError` where nothing is installed that could.
    """
    if environment.get("NO_COLOR"):
        return None, f"pictures need colours, and NO_COLOR is set; {INSTEAD}"
    try:
        answer = (ask or _asked)()
    except ImportError:
        return None, f"pictures need textual-image: pip install 'trainmon[pixels]'; {INSTEAD}"
    way = answer.way
    if way is None:
        return None, f"this terminal shows neither sixel nor kitty pictures; {INSTEAD}"
    if way is Way.KITTY and not _knows_placeholders(answer.name):
        name = clean(answer.name) or "this terminal"
        return None, f"{name} shows no pictures within text, as kitty does since 0.28; {INSTEAD}"
    if way is Way.KITTY and environment.get("COLORTERM", "") not in {"truecolor", "24bit"}:
        return None, f"kitty pictures need COLORTERM=truecolor; {INSTEAD}"
    return Pixels(way, _cell), ""


def _knows_placeholders(name: str) -> bool:
    """Return whether a terminal puts pictures where characters stand for their cells.

    Others that speak the protocol, and kitty before 0.28, would show those characters.

    >>> [_knows_placeholders(name) for name in ("kitty(0.41.1)", "kitty(0.26.5)", "ghostty 1.1")]
    [True, False, True]
    """
    found = re.match(r"kitty\((\d+)\.(\d+)", name)
    if found is None:
        return name.lower().startswith("ghostty")
    return (int(found[1]), int(found[2])) >= _SINCE


_SINCE = (0, 28)
"""The version of kitty from which on it knows them, by its changelog; 0.26 was seen not to."""


def _asked() -> Answer:
    """Ask the terminal, which answers at its standard input, so before anybody else reads that."""
    from textual_image import renderable  # noqa: PLC0415 - an optional extra, which asks when loaded

    _cell()
    known = {renderable.SixelImage: Way.SIXEL, renderable.TGPImage: Way.KITTY}
    way = known.get(renderable.Image)
    return Answer(way, _name() if way is Way.KITTY else "")


def _name() -> str:
    """Return the terminal's name and version, as XTVERSION tells them; empty if it does not."""
    from textual_image._terminal import (  # noqa: PLC0415 - as above; no public name
        TerminalError,
        capture_terminal_response,
    )

    begins, ends, out = "\x1bP>|", "\x1b\\", sys.__stdout__
    if out is None:
        return ""
    try:
        with capture_terminal_response(begins, ends, _PATIENCE) as response:
            out.write("\x1b[>q")
            out.flush()
    except (TerminalError, TimeoutError):
        return ""
    told: str = response.sequence
    return told.removeprefix(begins).removesuffix(ends)


_PATIENCE = 0.5
"""Seconds for an answer: over a slow line it takes a while, and this one has answered before."""


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
