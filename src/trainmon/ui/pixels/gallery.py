"""The pictures that are on the terminal: sent where they changed, gone when they are not seen."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from trainmon.ui.charts.palette import Picture
from trainmon.ui.pixels.hung import Hung
from trainmon.ui.pixels.terminal import Pixels, Way


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture that is to be seen, and where on the screen."""

    hung: Hung
    row: int
    col: int
    text: Callable[[], str]
    """What writes the text that lies over it again."""
    written: bool = False
    """Something was written to cells of it since it was sent."""
    covered: bool = False
    """Something that is no text of its panel lies over it."""


class Gallery:
    """Knows what was sent. Owned by the thread that draws; `send` hands on to the terminal."""

    def __init__(self, pixels: Pixels, send: Callable[[str], None]) -> None:
        self._kitty = pixels.way is Way.KITTY
        self._send = send
        self._sent: dict[int, tuple[Picture, int, int]] = {}
        """By number the picture and its place, as it was sent last."""

    def show(self, seen: Collection[Seen]) -> None:
        """Have these pictures on the terminal, and no others."""
        self.forget(self._sent.keys() - {each.hung.number for each in seen})
        for each in seen:
            if self._kitty:  # it is kept by its number, and shown wherever its characters are
                self._show(each, 0, 0, again=False)
            elif each.covered:  # it would hide what lies over it, and is sent when that is gone
                self._sent.pop(each.hung.number, None)
            else:
                self._show(each, each.row, each.col, again=each.written)

    def forget(self, numbers: Iterable[int] | None = None) -> None:
        """Have some pictures, or all, on the terminal no more."""
        for number in sorted(self._sent if numbers is None else numbers):
            del self._sent[number]
            if self._kitty:  # of others nothing is left when their cells are written to
                from trainmon.ui.pixels import kitty  # noqa: PLC0415 - it needs an optional extra

                self._send(kitty.forgotten(number))

    def _show(self, seen: Seen, row: int, col: int, *, again: bool) -> None:
        picture, number = seen.hung.picture, seen.hung.number
        before = self._sent.get(number)
        if again or before is None or before[0] is not picture or before[1:] != (row, col):
            self._sent[number] = picture, row, col
            self._send(self._letters(seen))

    def _letters(self, seen: Seen) -> str:
        from trainmon.ui.pixels import kitty, sixel  # noqa: PLC0415 - as above

        if self._kitty:
            return kitty.sent(seen.hung)
        return sixel.sent(seen.hung.picture, seen.row, seen.col) + seen.text()
