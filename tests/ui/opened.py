"""The app opened without a terminal, on views that a test posts, with clocks that a test sets."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.style import Style
from textual.events import Key
from textual.pilot import Pilot
from textual.strip import Strip

from trainmon.ui.app import TrainmonApp
from trainmon.ui.charts.ink import Ink
from trainmon.ui.keeping.habits import Screens
from trainmon.ui.look.glyphs import Glyphs
from trainmon.ui.look.themes import ink_styles
from trainmon.ui.pixels.terminal import Pixels
from trainmon.ui.terminal.pace import FRAME_SECONDS
from trainmon.view import View

WIDE = (120, 36)
SMALL = (80, 24)

Post = Callable[[View], None]


class FakeFeed:
    """Posts what it is told to, and remembers whether it was started and stopped."""

    def __init__(self) -> None:
        self.post: Post = _nowhere
        self.started = self.stopped = False

    def make(self, post: Post) -> "FakeFeed":
        """Take the function to post to, as the app hands it over."""
        self.post = post
        return self

    def start(self) -> None:
        self.started = True

    def stop(self) -> None:
        self.stopped = True


@dataclass
class Opened:
    """An app that runs, and what a test does to it."""

    app: TrainmonApp
    pilot: Pilot[None]
    feed: FakeFeed
    timer: "FakeTimer"

    async def show(self, view: View) -> None:
        """Post a view when the next frame is due, and wait until it is drawn."""
        self.timer.now += FRAME_SECONDS
        self.feed.post(view)
        await self.pilot.pause()

    async def press(self, *keys: str) -> str:
        """Press keys and return the screen after them."""
        await self.pilot.press(*keys)
        await self.pilot.pause()
        return self.text

    async def hold(self, key: str, times: int) -> str:
        """Hold a key down, so that it comes again before it is answered; return the screen then."""
        for _ in range(times):
            self.app.post_message(Key(key, character=None))
        await self.pilot.pause()  # the app has passed the keys on
        await self.pilot.pause()  # and those who got them have done what they are for
        return self.text

    @property
    def strips(self) -> list[Strip]:
        """The lines of the screen, as they would be sent."""
        return self.app.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no public way to read the screen

    @property
    def colors(self) -> set[str]:
        """The colours of the characters on the screen, as themes spell them."""
        styles = {segment.style for strip in self.strips for segment in strip}
        found = (style.color for style in styles if style and style.color)
        return {color.get_truecolor().hex for color in found}

    def color_of(self, ink: Ink) -> str:
        """Return the colour that the present theme gives an ink."""
        color = Style.parse(ink_styles(self.app.current_theme)[ink]).color
        assert color is not None
        return color.get_truecolor().hex

    @property
    def text(self) -> str:
        """The characters of the screen."""
        return "\n".join(strip.text.rstrip() for strip in self.strips)


class FakeTimer:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def opened(
    view: View | None = None,
    size: tuple[int, int] = WIDE,
    *,
    themes: Path | None = None,
    remember: bool = False,
    glyphs: Glyphs = Glyphs.BRAILLE,
    screens: Screens | None = None,
    unsent: Callable[[], int] | None = None,
    notices: Callable[[], Sequence[str]] = tuple,
    pixels: Pixels | None = None,
    send: Callable[[str], None] | None = None,
    toasts: bool = False,
) -> AsyncIterator[Opened]:
    """Open the app behind its skeleton, with a view if one is given."""
    feed, timer = FakeFeed(), FakeTimer()
    now = view.now if view else 0.0
    app = TrainmonApp(
        feed.make,
        clock=lambda: now,
        timer=timer,
        theme_folders=[themes] if themes else None,
        remember=remember,
        glyphs=glyphs,
        make_screens=(lambda: screens) if screens else None,
        unsent=unsent,
        notices=notices,
        pixels=pixels,
        send=send,
    )
    async with app.run_test(size=size, notifications=toasts) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        screen = Opened(app, pilot, feed, timer)
        if view:
            await screen.show(view)
        yield screen


def _nowhere(_: View) -> None:
    raise AssertionError("the app has not handed its inbox over")
