"""Lines of a report: as they are in a pipe, or broken where a terminal ends."""

from dataclasses import dataclass
from textwrap import wrap

_LEAST_WIDTH = 40
"""Cells below which nothing is broken: so narrow a terminal breaks lines as well as we could."""

_FROM_TO = "\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}"
"""Stands between two values that are read together, while lines are broken."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its place."""

    text: str
    indent: int = 2
    hang: int = 2
    """Further cells by which the lines stand in that a long one is broken into."""
    code: str = ""
    """What stands behind it and is never broken: it is there to be copied."""


def rendered(line: Line, width: int | None = None) -> list[str]:
    """Return a line as it is, or broken at spaces so that it is at most `width` cells long.

    >>> rendered(Line("a few words", code="log.log()"), 20)
    ['  a few words: log.log()']
    """
    margin = " " * line.indent
    whole = margin + line.text + (f": {line.code}" if line.code else "")
    if width is None or len(whole) <= width or width < _LEAST_WIDTH:
        return [whole]
    further = margin + " " * line.hang
    told = wrap(
        line.text.replace(" → ", _FROM_TO),
        width,
        initial_indent=margin,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    told = [part.replace(_FROM_TO, " → ") for part in told]
    return [*told, f"{further}{line.code}"] if line.code else told


def at_most(lines: list[Line], count: int, rest: str) -> list[Line]:
    """Return the first lines and, in place of those beyond `count`, how many there are.

    `rest` says of what, with a place for the number.

    >>> [line.text for line in at_most([Line("a"), Line("b"), Line("c")], 2, "{} more")]
    ['a', '2 more']
    """
    if len(lines) <= count:
        return lines
    kept = lines[: count - 1]
    last = lines[count - 1]
    return [*kept, Line(rest.format(len(lines) - len(kept)), last.indent, last.hang)]
