"""The app: a skeleton at once, the rest of the program behind it.

Nothing here imports numpy: the first paint waits for Textual alone. The screens and the monitor are
loaded in a thread while the skeleton stands.
"""

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from trainmon.ui import pages
from trainmon.ui.keys.bindings import bindings_of
from trainmon.ui.look.glyphs import Glyphs
from trainmon.ui.pixels.terminal import Pixels
from trainmon.ui.terminal.pace import FRAME_SECONDS, Pace
from trainmon.ui.terminal.sender import Sender

if TYPE_CHECKING:  # it loads numpy, see above
    from trainmon.ui.desk import Desk
    from trainmon.ui.keeping.habits import Screens
    from trainmon.ui.page import Page
    from trainmon.view import View

_TICK_SECONDS = 1.0
"""Time between two looks at the clock while nothing arrives."""


_LOADED_SECONDS = 3.0
"""Time after which everything that lives as long as the app has been made."""


class Feed(Protocol):
    """What publishes views, from a thread of its own."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


MakeFeed = Callable[[Callable[["View"], None]], Feed]
"""Makes a feed that posts its views to the given function."""


class TrainmonApp(Sender):
    """Shows what a feed publishes. Views are drawn in this thread, and only here.

    `clock` tells the time of day in Unix seconds; `timer` measures the time between frames, of
    which there are `fps` a second at most, and fewer on a line that has not taken the last one yet:
    `unsent` tells how much of it. With `remember` what is said of findings is kept in a file; new
    `notices` are shown. With `pixels` charts are pictures, for which `send` gets what the terminal
    is to get.
    """

    TITLE = "trainmon"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit", tooltip="quit; the training goes on"),
        Binding("question_mark", "help", "keys", tooltip="this list"),
        Binding(
            "ctrl+p", "command_palette", "commands", show=False, tooltip="commands by their names"
        ),
        Binding("t", "next_theme", "theme", show=False, tooltip="the next theme"),
    ]
    CSS = "#skeleton { width: 100%; height: 100%; color: $foreground 40%; padding: 0 1; }"

    @dataclass
    class Arrived(Message):
        """A view was published. A slow screen drops views and never queues them."""

        view: "View"

        def can_replace(self, message: Message) -> bool:
            """Take the place of an older view that nobody has looked at."""
            return isinstance(message, TrainmonApp.Arrived)

    def __init__(
        self,
        make_feed: MakeFeed,
        *,
        theme: str = "dark",
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        theme_folders: Sequence[Path] | None = None,
        remember: bool = False,
        glyphs: Glyphs = Glyphs.BRAILLE,
        fps: float = 1 / FRAME_SECONDS,
        make_screens: "Callable[[], Screens] | None" = None,
        unsent: Callable[[], int] | None = None,
        notices: Callable[[], Sequence[str]] = tuple,
        pixels: Pixels | None = None,
        send: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(theme, theme_folders, glyphs=glyphs, timer=timer, send=send)
        self._remember = remember
        self._make_screens = make_screens
        self._screens: Screens | None = None
        self._pace = Pace(timer, 1 / fps, unsent or (lambda: self.asker.unsent))
        self._pixels = pixels
        self._notices = notices
        self._notified = 0
        self._make_feed = make_feed
        self._clock = clock
        self._feed: Feed | None = None
        self._desk: Desk | None = None
        self._page: Page | None = None
        """The page that is shown, whatever lies over it."""
        self._latest: View | None = None
        self._frame_due = False

    def compose(self) -> ComposeResult:
        """Paint the skeleton: the name, and that the rest is coming."""
        yield Static("trainmon  opening ...", id="skeleton", markup=False)

    def on_mount(self) -> None:
        """Load the rest behind the skeleton."""
        self._load()

    async def on_unmount(self) -> None:
        """End the feed, and remember how the screen is left."""
        if self._feed:
            self._feed.stop()
        if self._screens and self._desk and self._page:
            self._screens.leave(self._desk, self._page.called)
        await self.end_sending()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Return the commands of the palette: what the keys do, by name.

        Textual's own are left out: its themes have no inks, and its help knows no panel.
        """
        yield SystemCommand("Keys", "all keys and what they do", self.action_help)
        yield SystemCommand("Quit", "the training goes on", self.exit)
        yield from self.theme_commands()
        if self._page and screen is self._page:
            for binding in bindings_of(type(screen)):
                act = partial(screen.run_action, binding.action)
                yield SystemCommand(binding.description.capitalize(), binding.tooltip, act)

    def action_help(self) -> None:
        """Show the keys."""
        if self._page and self.screen is self._page:
            self._page.action_help()

    def action_page(self, name: str) -> None:
        """Show a page. Each is made when it is first asked for, and kept."""
        if self._desk is None or self._page is None or self.screen is not self._page:
            return
        if not self.is_screen_installed(name):
            self.install_screen(pages.load(name)(self._desk), name)
        self._page = cast("Page", self.get_screen(name))
        self.switch_screen(name)

    @work(thread=True)
    def _load(self) -> None:
        """Import the screens and start the feed; runs in a thread."""
        self._screens = self._make_screens() if self._make_screens else None
        page = pages.load(self._screens.read().page if self._screens else pages.FIRST)
        attention = import_module("trainmon.attention")
        desk = import_module("trainmon.ui.desk")
        remembered = attention.Remembered(attention.attention_path() if self._remember else None)
        feed = self._make_feed(self._post)
        made = desk.Desk(remembered, self._pixels, room=lambda: self.asker.line.room)
        self.call_from_thread(self._open, made, page, feed)

    def _open(self, desk: "Desk", first: "type[Page]", feed: Feed) -> None:
        if self._screens:
            self._screens.read().settle(desk)
        if self._pixels:
            wall = import_module("trainmon.ui.pixels.wall")
            self.wall = wall.Wall(self._pixels, self.send, self.console)
        self._desk, self._page, self._feed = desk, first(desk), feed
        self.install_screen(self._page, first.called)
        self.push_screen(first.called)
        feed.start()
        self.set_interval(_TICK_SECONDS, self._tick)
        self.set_timer(_LOADED_SECONDS, _collect_from_now_on)

    def _post(self, view: "View") -> None:
        self.post_message(self.Arrived(view))

    @on(Arrived)
    def _take(self, message: Arrived) -> None:
        """Draw at once after a pause, else when the frame is due."""
        self._latest = message.view
        self._draw_when_due()

    def _draw_when_due(self) -> None:
        """Draw the newest view; what a slow line cannot take is never drawn."""
        wait = self._pace.wait(away=not self.app_focus)
        if wait > 0:
            if not self._frame_due:
                self._frame_due = True
                self.set_timer(wait, self._draw_now_or_later)
        elif self._page and self._latest and self._page.is_mounted:
            self._pace.drawn()
            self._page.show(self._latest, self._clock())
            self._tell_news()

    def _draw_now_or_later(self) -> None:
        self._frame_due = False
        self._draw_when_due()

    def _tick(self) -> None:
        if self._page and self._pace.since_last() > _TICK_SECONDS / 2:
            self._page.tick(self._clock())
        self.asker.rest()
        self._tell_news()

    def _tell_news(self) -> None:
        for notice in self._notices()[self._notified :]:
            self._notified += 1
            self.notify(notice, severity="warning", markup=False)


def _collect_from_now_on() -> None:
    """Exempt what has been loaded from garbage collection, which would hold up a key for 50 ms."""
    gc.collect()
    gc.freeze()
    gc.enable()
