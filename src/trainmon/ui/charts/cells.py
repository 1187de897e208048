"""Text as terminal cells: what a character takes on the screen, decided in one place."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from trainmon.text import TEXT_LIMIT, clean
from trainmon.ui.charts.ink import Ink

Codes: TypeAlias = NDArray[np.uint32]
"""Unicode code points, one for each cell; `CONTINUED` in the second cell of a wide character."""

Part: TypeAlias = tuple[str, Ink]
"""A piece of a line and its ink; pieces follow one another without a space."""

BLANK: Final = ord(" ")
CONTINUED: Final = 0
ELLIPSIS: Final = "…"

CODE_DTYPE: Final = np.dtype("<u4")
"""Little-endian wherever it runs, so that ``utf-32-le`` decodes it."""


@lru_cache(maxsize=4_096)
def codes(text: str) -> Codes:
    """Return the code points of `text`, one for each cell it takes; read-only.

    A wide character takes two cells, the second of which holds `CONTINUED`. Characters without
    a width of their own (combining marks, variation selectors) are dropped, so that a cell holds
    one code point and no terminal can disagree about where the next one begins.

    >>> codes("é中").tolist()
    [233, 20013, 0]
    """
    text = clean(text, limit=TEXT_LIMIT)
    if not text.isascii():
        widths = [cell_len(character) for character in text]
        text = "".join(
            character + "\0" * (width - 1)
            for character, width in zip(text, widths, strict=True)
            if width
        )
    return np.frombuffer(text.encode("utf-32-le"), CODE_DTYPE)


@lru_cache(maxsize=4_096)
def has_wide(text: str) -> bool:
    """Return whether a character of `text` takes two cells.

    >>> has_wide("é"), has_wide("中")
    (False, True)
    """
    return not text.isascii() and CONTINUED in codes(text)


def decoded(cells: Codes) -> str:
    """Return the text that a row of cells shows.

    >>> decoded(codes("中a"))
    '中a'
    """
    return decoded_cells(cells).replace("\0", "")


def decoded_cells(cells: Codes) -> str:
    """Return a row of cells with one character for each, `CONTINUED` as it is."""
    return cells.tobytes().decode("utf-32-le")


def width_of(parts: Sequence[Part]) -> int:
    """Return how many cells the pieces take together."""
    return sum(len(codes(text)) for text, _ in parts)


def shortened(parts: Sequence[Part], width: int) -> list[Part]:
    """Return the pieces cut to at most `width` cells, the last of them an ellipsis if one was cut.

    >>> shortened([("gradient ", Ink.TITLE), ("norm", Ink.DIM)], 11)
    [('gradient ', <Ink.TITLE: 6>), ('n…', <Ink.DIM: 2>)]
    """
    if width_of(parts) <= width:
        return list(parts)
    kept: list[Part] = []
    room = width - len(ELLIPSIS)
    for text, ink in parts:
        cells = codes(text)
        if len(cells) > room:
            if room >= 0:
                kept.append((decoded(fitting(cells, room)) + ELLIPSIS, ink))
            break
        kept.append((text, ink))
        room -= len(cells)
    return kept


def fitting(cells: Codes, width: int) -> Codes:
    """Return the first `width` cells, less the half of a wide character at their end."""
    halved = 0 < width < len(cells) and cells[width] == CONTINUED
    return cells[: width - 1 if halved else width]
