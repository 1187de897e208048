"""The screen as a wall with pictures: which of them are to be seen, and what was written over."""

from collections.abc import Callable, Iterator
from functools import partial

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets._toast import Toast  # it has no public name

from trainmon.ui.panel import Panel, panels_of
from trainmon.ui.pixels.gallery import Gallery, Seen
from trainmon.ui.pixels.hung import Hung
from trainmon.ui.pixels.terminal import Pixels
from trainmon.ui.terminal.pen import Pen
from trainmon.ui.terminal.spans_update import SpansUpdate


class Wall:
    """Keeps the pictures of a terminal in step with its text. Owned by the thread that draws."""

    def __init__(self, pixels: Pixels, send: Callable[[str], None], console: Console) -> None:
        self._gallery = Gallery(pixels, send)
        self._console = console

    def follow(self, screen: Screen[object], update: object) -> None:
        """Have the pictures of a screen on the terminal, after an update of it was sent, if any."""
        seen = [
            each
            for panel in panels_of(screen)
            if panel.display and panel.size == panel.grid.size
            for each in self._seen(panel, screen, update)
        ]
        self._gallery.show(seen)

    def clear(self) -> None:
        """Leave no picture behind."""
        self._gallery.forget()

    def _seen(self, panel: Panel, screen: Screen[object], update: object) -> Iterator[Seen]:
        notices = [toast.region for toast in screen.query(Toast) if toast.display]
        for hung in panel.pictures:
            row, col = panel.region.y + hung.row, panel.region.x + hung.col
            place = Region(col, row, hung.width, hung.height)
            if screen.region.contains_region(place):
                text = partial(_text_over, panel, hung, place, self._console)
                covered = any(place.overlaps(notice) for notice in notices)
                yield Seen(hung, place.y, place.x, text, _is_written(place, update), covered)


def _is_written(place: Region, update: object) -> bool:
    """Return whether an update wrote to a region: one of a part to its spans, others to all."""
    if isinstance(update, SpansUpdate):
        return any(map(place.overlaps, update.regions))
    if not isinstance(update, ChopsUpdate):
        return update is not None
    return any(
        place.overlaps(Region(start, row, stop - start, 1)) for row, start, stop in update.spans
    )


def _text_over(panel: Panel, hung: Hung, place: Region, console: Console) -> str:
    """Return what writes the words and glyphs that lie over a picture."""
    pen = Pen(console._color_system or ColorSystem.TRUECOLOR)  # noqa: SLF001 - as Textual asks for it
    for row, start, stop in _runs_of_text(hung):
        pen.place(place.y + row, place.x + start, stop - start)
        panel.write_to(pen, Region(hung.col + start, hung.row + row, stop - start, 1))
    return pen.finished()


def _runs_of_text(hung: Hung) -> Iterator[tuple[int, int, int]]:
    """Yield row, first column and the one behind the last of each piece of text on a picture."""
    for row, shown in enumerate(hung.shown.tolist()):
        start = 0
        while False in shown[start:]:
            start = shown.index(False, start)
            stop = shown.index(True, start) if True in shown[start:] else len(shown)
            yield row, start, stop
            start = stop
