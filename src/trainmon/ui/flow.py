"""Lines in pieces of ink, broken where the room ends and hung below where their text begins."""

import re
from collections.abc import Iterable, Iterator

from trainmon.text import clean_block
from trainmon.ui.charts.cells import Part, codes, decoded, fitting

_HANG_SHARE = 3
"""The part of the width that a label may push the further lines of its text to the right by."""

_INDENT = 2
"""Cells by which further lines stand in where there is no label to stand behind."""

_WORD = re.compile(r" *[^ ]+| +$")

Line = list[Part]
"""One line, in pieces of one ink each."""


def flowed(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """Yield lines of at most `width` cells; those that were short enough as they are.

    >>> from trainmon.ui.charts.ink import Ink
    >>> for line in flowed([[("cause: ", Ink.DIM), ("the rate is too high", Ink.TEXT)]], 24):
    ...     print("".join(text for text, _ in line))
    cause: the rate is too
           high
    """
    for line in lines:
        hang = _hang(line, width)
        broken = list(_at_newlines(line))
        for number, part in enumerate(broken):
            indented: Line = [(" " * hang, part[0][1]), *part] if number and part else part
            yield from _wrapped(indented, max(width, 1), hang)


def _hang(line: Line, width: int) -> int:
    """Return where the text of a line begins, behind its label or its indent."""
    if not line:
        return 0
    first = line[0][0]
    indent = len(first) - len(first.lstrip(" "))
    if len(line) > 1 and first.endswith(" ") and len(first) <= width // _HANG_SHARE:
        return len(codes(first))
    return min(indent + _INDENT, width // _HANG_SHARE) if indent or len(line) > 1 else 0


def _at_newlines(line: Line) -> Iterator[Line]:
    """Yield the lines that a line of pieces becomes where these hold line breaks."""
    current: Line = []
    for text, ink in line:
        first, *others = clean_block(text).split("\n")
        current.append((first, ink))
        for other in others:
            yield current
            current = [(other, ink)]
    yield current


def _wrapped(line: Line, width: int, hang: int) -> Iterator[Line]:
    """Yield one line, broken at spaces; a word that has no room at all is broken itself."""
    current: Line = []
    used = 0
    for text, ink in line:
        for word in _WORD.findall(text):
            cells = len(codes(word))
            if used and used + cells > width:
                yield current
                current, used = ([(" " * hang, ink)], hang) if hang else ([], 0)
                word, cells = word.lstrip(" "), len(codes(word.lstrip(" ")))  # noqa: PLW2901 - spaces at a break go
            while used + cells > width:
                part = decoded(fitting(codes(word), max(width - used, 1)))
                yield [*current, (part, ink)]
                current, used = ([(" " * hang, ink)], hang) if hang else ([], 0)
                word = word[max(len(part), 1) :]  # noqa: PLW2901 - the rest of it
                cells = len(codes(word))
            current.append((word, ink))
            used += cells
    yield current
