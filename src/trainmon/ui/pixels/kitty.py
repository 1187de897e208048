"""Pictures for terminals that speak kitty's protocol: sent once, and shown by characters.

The characters that stand for the cells of a picture are text like any other, so nothing else has
to know of pictures: what is written over them hides them, and they move with their panel.
"""

import zlib
from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL.Image import new
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual_image.renderable import TGPImage

from trainmon.ui.pixels.hung import Hung

_CHUNK = 4_096
"""Letters of a picture in one sequence: the protocol allows no more."""

_LETTERS = 4
"""Characters that stand for a cell: one, and what tells row, column and picture."""


def sent(picture: Hung) -> str:
    """Return what makes a terminal keep a picture under its number, in place of an earlier one."""
    height, width, _ = picture.picture.shape
    packed = b64encode(zlib.compress(picture.picture.tobytes())).decode("ascii")
    pieces = [packed[at : at + _CHUNK] for at in range(0, len(packed), _CHUNK)]
    about = (
        f"a=T,U=1,q=2,i={picture.number},f=24,o=z,s={width},v={height},"
        f"c={picture.width},r={picture.height},"
    )
    last = len(pieces) - 1
    return "".join(
        f"\x1b_G{'' if at else about}m={int(at < last)};{piece}\x1b\\"
        for at, piece in enumerate(pieces)
    )


def forgotten(number: int) -> str:
    """Return what makes a terminal forget a picture."""
    return f"\x1b_Ga=d,d=I,q=2,i={number}\x1b\\"


def with_cells(line: Strip, y: int, pictures: Sequence[Hung], ground: Style) -> Strip:
    """Return a line of a panel with the characters that stand for the cells of its pictures."""
    for picture in pictures:
        row = y - picture.row
        if 0 <= row < picture.height:
            line = _with_row(line, picture, row, ground)
    return line


def _with_row(line: Strip, picture: Hung, row: int, ground: Style) -> Strip:
    shown = np.concatenate(([False], picture.shown[row], [False]))
    edges = (np.flatnonzero(shown[1:] != shown[:-1])).tolist()
    cells = _cells(picture.number, picture.height, picture.width)[row]
    parts, done = [], 0
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        pieces = [Segment(each.text, ground + each.style) for each in cells[first:stop]]
        parts += [line.crop(done, picture.col + first), Strip(pieces, stop - first)]
        done = picture.col + stop
    return Strip.join([*parts, line.crop(done)])


@lru_cache(maxsize=64)
def _cells(number: int, height: int, width: int) -> list[list[Segment]]:
    stand_in = TGPImage(new("RGB", (1, 1)), width, height)
    stand_in.terminal_image_id = number  # as if it had been sent, which is done in order, see above
    console = Console(width=width, height=height, color_system="truecolor")
    return [
        [
            Segment(piece.text[at : at + _LETTERS], piece.style or Style())
            for at in range(0, width * _LETTERS, _LETTERS)
        ]
        for piece in console.render(stand_in)
    ]
