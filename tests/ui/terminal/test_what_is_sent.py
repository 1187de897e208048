"""What a terminal got, piece by piece, adds up to what is on the screen."""

from collections.abc import Callable

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen

from tests.bench.terminal import Screen as Terminal
from tests.ui.opened import WIDE, FakeFeed, FakeTimer
from tests.ui.scenes import MACHINE, not_a_number, overfitting, run_of, short, view_of
from trainmon.ui.app import TrainmonApp
from trainmon.ui.page import Page
from trainmon.ui.terminal.pace import FRAME_SECONDS
from trainmon.view import View

KEYS = (
    *("tab", "y", "s", "o", "plus", "right_square_bracket", "0", "v", "v", "2", "tab", "1"),
    *("3", "4", "5", "6", "7", "8", "9", "1", "question_mark", "escape", "slash", "escape"),
    *(
        "n",
        "n",
        "escape",
        "less_than_sign",
        "less_than_sign",
        "escape",
        "t",
        "y",
        "enter",
        "escape",
    ),
    *("p", "p", "2", "1", "1", "7", "1"),
)


class Recorder(App[None]):
    """Stands where the terminal is, behind all that decides what it is sent."""

    terminal = Terminal(*reversed(WIDE))

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        update: object = renderable
        if isinstance(update, CompositorUpdate):
            self.terminal.feed(update.render_segments(self.console).encode())
        super()._display(screen, renderable)


class Recorded(TrainmonApp, Recorder):
    """The app in front of it."""


def growing() -> Callable[[int], View]:
    """Return what gives the view after so many records."""
    others = run_of(overfitting()), run_of(not_a_number(), "lr-3e-3")
    return lambda n: view_of(run_of(short(30 + n)), *others, revision=n, machine=MACHINE)


async def test_pieces_add_up_to_the_screen_whatever_is_pressed() -> None:
    feed, timer, views = FakeFeed(), FakeTimer(), growing()
    app = Recorded(feed.make, clock=lambda: views(0).now, timer=timer)
    async with app.run_test(size=WIDE) as pilot:
        await app.workers.wait_for_complete()
        for number, key in enumerate(("tab", *KEYS)):
            timer.now += FRAME_SECONDS
            feed.post(views(number))
            await pilot.press(key)
            await pilot.pause()
            shown = app.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no public way to read the screen
            lines = [strip.text for strip in shown]
            assert app.terminal.text().splitlines() == lines, (number, key)


async def test_pieces_add_up_to_the_screen_on_a_line_with_little_room() -> None:
    feed, timer, views = FakeFeed(), FakeTimer(), growing()
    app = Recorded(feed.make, clock=lambda: views(0).now, timer=timer)
    async with app.run_test(size=WIDE) as pilot:
        await app.workers.wait_for_complete()
        late = 0
        for number, key in enumerate(("tab", "y", "tab", "o", "2", "1")):
            timer.now += FRAME_SECONDS
            feed.post(views(number))
            await pilot.pause()
            page = app.screen
            assert isinstance(page, Page)
            page._desk.room = lambda: 200.0  # noqa: SLF001 - the line tells it
            await pilot.press(key)
            await pilot.pause()
            page = app.screen
            assert isinstance(page, Page)
            while page._late:  # noqa: SLF001 - nothing else tells what is owed
                late += 1
                await pilot.pause(0.01)
            lines = [strip.text for strip in page._compositor.render_strips()]  # noqa: SLF001 - as above
            assert app.terminal.text().splitlines() == lines, (number, key)
        assert late > 2
