"""What lines, bars and marks are drawn with: braille, blocks, or ASCII where the font has no more.

Panels are drawn in braille. For a terminal that lacks some of it each cell is replaced by the
nearest that it has, so that charts know nothing of terminals.
"""

import locale
import os
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from rich.cells import cell_len


class Glyphs(StrEnum):
    """What a terminal can show."""

    BRAILLE = "braille"
    """Everything: eight dots in a cell."""
    BLOCKS = "blocks"
    """Half blocks in the place of braille: consoles have them where they have no braille."""
    ASCII = "ascii"
    """Nothing but ASCII."""
    PIXELS = "pixels"
    """Everything, and charts as pictures."""


WHOLE = frozenset({Glyphs.BRAILLE, Glyphs.PIXELS})
"""With these every character is shown as it is."""

_BRAILLE, _PATTERNS = 0x2800, 256

_UPPER, _LOWER = 0b00011011, 0b11100100
"""The dots of a pattern in the upper half of its cell, and those in the lower half."""

_DENSE = 6
"""Dots of a pattern from which on a cell looks full."""

_STAND_INS: Mapping[str, str] = {
    "─━╌": "-",
    "│┃┊▏▎▍": "|",
    "╭╮╰╯┌┐└┘├┤┬┴┼": "+",
    "▁": "_",
    "▂": ".",
    "▃": "-",
    "▄": "=",
    "▅": "+",
    "▆": "*",
    "▇█▉▊▋▌■": "#",
    "▀": "'",
    "░": ".",
    "▒": ":",
    "▓": "%",
    "●•◆": "*",
    "○◇": "o",
    "▲": "!",
    "▼": "v",
    "▸▶→↵": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "↻": "@",
    "·": ".",
    "✓": "+",
    "✖": "x",
    "‖": "=",
    "…": "~",
    "°": "o",
    "µ": "u",
    "∞": "8",
}
"""What stands for each of our glyphs: no two that mean different things in one place are alike."""

_ASCII = {glyph: shown for glyphs, shown in _STAND_INS.items() for glyph in glyphs}

_UNKNOWN = "?"


def usual_glyphs(
    environment: Mapping[str, str] | None = None, encoding: str | None = None
) -> Glyphs:
    """Return what the terminal can show, by its name and the encoding of the locale.

    >>> usual_glyphs({"TERM": "xterm-256color"}, "utf-8").value
    'braille'
    >>> usual_glyphs({"TERM": "linux"}, "utf-8").value, usual_glyphs({}, "ascii").value
    ('blocks', 'ascii')
    """
    environment = os.environ if environment is None else environment
    encoding = locale.getpreferredencoding(do_setlocale=False) if encoding is None else encoding
    if encoding.lower().replace("-", "") != "utf8":
        return Glyphs.ASCII
    console = environment.get("TERM", "") in {"linux", "cons25", "vt220"}
    return Glyphs.BLOCKS if console else Glyphs.BRAILLE


@lru_cache(maxsize=4_096)
def text_with_glyphs(text: str, glyphs: Glyphs) -> str:
    """Return a text, in as many cells, as a terminal shows it that has these glyphs alone.

    >>> text_with_glyphs("● lr 3e-4 → 1e-4", Glyphs.ASCII)
    '* lr 3e-4 > 1e-4'
    """
    if glyphs in WHOLE or text.isascii():
        return text
    return "".join(_shown(character, glyphs) for character in text)


def _shown(character: str, glyphs: Glyphs) -> str:
    dots = ord(character) - _BRAILLE
    if 0 <= dots < _PATTERNS:
        return _pattern(dots, glyphs)
    if glyphs == Glyphs.BLOCKS or character.isascii():
        return character
    return _ASCII.get(character, _UNKNOWN * cell_len(character))


def _pattern(dots: int, glyphs: Glyphs) -> str:
    """Return what stands for a braille pattern: which halves of the cell have dots, or how many."""
    upper, lower = bool(dots & _UPPER), bool(dots & _LOWER)
    if glyphs == Glyphs.BLOCKS:
        return "█" if upper and lower else "▀" if upper else "▄" if lower else " "
    if dots.bit_count() >= _DENSE:
        return "#"
    return ":" if upper and lower else "'" if upper else "." if lower else " "
