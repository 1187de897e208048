"""An app that sends what changed and no more, as fast as the line takes it."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from textual import on
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.messages import TerminalSupportsSynchronizedOutput
from textual.screen import Screen

from trainmon.ui.look.glyph_filter import GlyphFilter
from trainmon.ui.look.glyphs import Glyphs
from trainmon.ui.look.themed import Themed
from trainmon.ui.terminal.asker import Asker
from trainmon.ui.terminal.exact_update import exact
from trainmon.ui.terminal.slow_line import at_once, counting
from trainmon.ui.terminal.spans_update import SpansUpdate

if TYPE_CHECKING:  # it loads numpy, and the first paint waits for Textual alone
    from trainmon.ui.pixels.wall import Wall

_LAST_ANSWER_SECONDS = 1.0
"""Time that is waited at the end, at most, for what the terminal was asked last."""


class Sender(Themed):
    """Sends repaints exactly, in the glyphs and colours that the terminal has.

    `timer` measures how soon the terminal answers; `send` gets what it is to get besides cells.
    """

    def __init__(
        self,
        theme: str,
        theme_folders: Sequence[Path] | None,
        *,
        glyphs: Glyphs,
        timer: Callable[[], float],
        send: Callable[[str], None] | None,
    ) -> None:
        if not os.environ.get("NO_COLOR"):  # only one that is not empty asks for none
            os.environ.pop("NO_COLOR", None)
        super().__init__(theme, theme_folders)
        self.send = send or self._write
        self.asker = Asker(self, timer)
        self.wall: Wall | None = None
        """Where pictures hang, if charts are pictures."""
        self._glyphs = GlyphFilter(glyphs)
        self._whole: SpansUpdate | None = None
        """The whole screen as it was sent, if nothing was sent since."""

    async def end_sending(self) -> None:
        """Take pictures back, and wait for an answer that would be typed into the shell."""
        if self.wall:
            self.wall.clear()
        if owed := self.asker.line.owed:
            await asyncio.sleep(min(owed, _LAST_ANSWER_SECONDS))

    def on_resize(self) -> None:
        """Take in that a terminal that changes its size may have lost what it was sent."""
        self._whole = None

    def get_driver_class(self) -> type[Driver]:
        """Return what talks to the terminal, and knows how much of it waits."""
        return counting(super().get_driver_class())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what changes each line on its way to the terminal."""
        filters = super().get_line_filters()
        if self.no_color:  # what Textual makes of it are greys
            filters = [NoColor() if isinstance(f, Monochrome) else f for f in filters]
        return (*filters, self._glyphs) if self._glyphs.enabled else filters

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send a repaint, exactly; this is where Textual hands it to the terminal.

        What sends the whole screen once more as it is, as a page does that is laid out anew, is
        not sent.
        """
        update: object = renderable
        whole = update if isinstance(update, SpansUpdate) and update.whole else None
        repeated = whole is not None and whole.repeats(self._whole, self.console)
        if renderable is not None:
            self._whole = whole
        sent = None if repeated else exact(renderable)
        with at_once(self._driver):
            super()._display(screen, sent)
        self.asker.sent()
        if self.wall and renderable is not None and screen is self.screen:
            self.wall.follow(screen, sent)

    @on(TerminalSupportsSynchronizedOutput)
    def _answered(self) -> None:
        """Take in an answer of the terminal."""
        self.asker.line.answered()

    def _write(self, letters: str) -> None:
        """Have the terminal get something besides cells, behind what it gets already."""
        if self._driver:
            self._driver.write(letters)
