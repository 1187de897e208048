"""What a terminal is sent to write text in styles: of each change of style, only what changes.

Textual ends each piece of text by taking back its whole style. In a noisy curve, where the ink
changes every few cells, that is nine tenths of the bytes, and a slow line has few to spare.
"""

from collections.abc import Iterable
from functools import lru_cache

from rich.color import ColorSystem
from rich.style import Style

_RESET = "\x1b[0m"


class Pen:
    """Collects what is sent for one frame; it lives no longer, in the thread that draws."""

    def __init__(self, colors: ColorSystem) -> None:
        self._colors = colors
        self._sent: list[str] = []
        self._style: Style | None = None
        self._at = -1, -1

    def place(self, row: int, col: int, width: int) -> None:
        """Go to a cell; the next `width` cells are written from there."""
        if (row, col) != self._at:
            self._sent.append(f"\x1b[{row + 1};{col + 1}H")
        self._at = row, col + width

    def write_all(self, pieces: Iterable[tuple[str, Style | None]]) -> None:
        """Write pieces of text, each in one style."""
        before, send = self._style, self._sent.append
        for text, style in pieces:
            if style is not before and not (text.isspace() and blank_alike(before, style)):
                send(change(before, style, self._colors))
                before = style
            send(text)
        self._style = before

    def finished(self) -> str:
        """Return what is sent, which leaves no style behind."""
        return "".join((*self._sent, change(self._style, None, self._colors)))


@lru_cache(maxsize=4_096)
def change(before: Style | None, after: Style | None, colors: ColorSystem) -> str:
    r"""Return what takes a terminal from one style to another; None is the style of nothing.

    >>> red, bold = Style.parse("red on black"), Style.parse("bold red on black")
    >>> change(red, bold, ColorSystem.STANDARD), change(bold, red, ColorSystem.STANDARD)
    ('\x1b[1m', '\x1b[0;31;40m')
    >>> change(red, Style.parse("green on black"), ColorSystem.STANDARD)
    '\x1b[32m'
    """
    was, is_now = _codes(before, colors), _codes(after, colors)
    if is_now == was:
        return ""
    if not any(is_now):
        return _RESET
    # Of what is set now and not then only the colours can be replaced; the rest goes by a reset.
    kept = was[0] in {"", is_now[0]} and all(
        now or not then for then, now in zip(was, is_now, strict=True)
    )
    if not kept:
        return f"\x1b[0;{';'.join(filter(None, is_now))}m"
    changed = (now for then, now in zip(was, is_now, strict=True) if now != then)
    return f"\x1b[{';'.join(changed)}m"


@lru_cache(maxsize=4_096)
def blank_alike(one: Style | None, other: Style | None) -> bool:
    """Return whether spaces look the same in two styles: it depends on the ground alone.

    >>> blank_alike(Style.parse("red on black"), Style.parse("bold green on black"))
    True
    """
    if one is None or other is None:
        return False
    shown = (
        each.underline or each.underline2 or each.strike or each.reverse for each in (one, other)
    )
    return one.bgcolor == other.bgcolor and not any(shown)


def _codes(style: Style | None, colors: ColorSystem) -> tuple[str, str, str]:
    """Return what sets the attributes, the colour and the ground of a style."""
    if style is None:
        return "", "", ""
    parts = style.without_color, Style(color=style.color), Style(bgcolor=style.bgcolor)
    attributes, color, ground = (
        part.render("x", color_system=colors).partition("x")[0][2:-1] for part in parts
    )
    return attributes, color, ground
