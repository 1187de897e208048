"""How the app paints: rarely, only what changed, and whatever becomes of its theme."""

import os
import subprocess
import sys
from io import IOBase
from pathlib import Path
from shutil import copytree

import pytest
from textual.app import App, ComposeResult
from textual.driver import Driver

import trainmon
from tests.ui.opened import FakeFeed, opened
from tests.ui.scenes import MACHINE, overfitting, run_of, scene_of, short, view_of
from trainmon.ui.app import TrainmonApp
from trainmon.ui.charts.grid import Grid
from trainmon.ui.look.themes import theme_folder, theme_names
from trainmon.ui.panel import Panel
from trainmon.ui.panels.header import Header
from trainmon.ui.panels.loss import LossPanel
from trainmon.ui.scene import Scene
from trainmon.ui.terminal.pace import FRAME_SECONDS
from trainmon.ui.terminal.slow_line import at_once, counting, unsent

A_LONG_TIME = 1_000.0
"""Seconds: far more than any test takes."""

VIEWS = [view_of(run_of(short(5 + n)), revision=n) for n in range(3)]


class Drawn(Panel):
    """A panel that remembers what it was given to draw."""

    title = "drawn"
    DEFAULT_CSS = "Drawn { width: 60; height: 12; }"

    def __init__(self) -> None:
        super().__init__()
        self.scenes: list[Scene] = []

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        self.scenes.append(scene)
        return LossPanel().draw(scene, height, width)


class OnePanel(App[None]):
    """A screen with one panel on it."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(TrainmonApp(FakeFeed().make).current_theme)
        self.theme = theme_names()[0]

    def compose(self) -> ComposeResult:
        yield Drawn()


async def test_a_panel_sends_the_cells_that_changed_and_no_others() -> None:
    async with OnePanel().run_test() as pilot:
        panel = pilot.app.query_one(Drawn)
        before, after = (scene_of(view_of(run_of(short(n)), revision=n)) for n in (40, 41))
        panel.show(before)
        first = panel.draw(before, *reversed(panel.size))
        panel.take_unsent()
        panel.show(after)
        sent = panel.take_unsent()
        assert sent == panel.draw(after, *reversed(panel.size)).changed(first)
        assert sum(stop - start for _, start, stop in sent) < panel.size.area / 4


async def test_a_panel_does_not_draw_what_looks_the_same() -> None:
    async with OnePanel().run_test() as pilot:
        panel = pilot.app.query_one(Drawn)
        scene = scene_of(VIEWS[0])
        panel.show(scene)
        panel.scenes.clear()
        panel.take_unsent()
        panel.show(scene_of(view_of(*VIEWS[0].runs, revision=VIEWS[0].revision)))
        assert (panel.scenes, panel.take_unsent()) == ([], [])


async def test_a_burst_of_views_is_drawn_once_and_then_when_the_frame_is_due() -> None:
    async with opened(VIEWS[0]) as screen:
        screen.timer.now -= A_LONG_TIME
        for revision in range(10, 510):
            screen.feed.post(view_of(*VIEWS[1].runs, revision=revision))
        await screen.pilot.pause()
        assert "step 5" in screen.text.splitlines()[0], "the frame is not due yet"
        screen.timer.now += A_LONG_TIME
        await screen.show(VIEWS[2])
        assert "step 7" in screen.text.splitlines()[0]


async def test_a_view_after_a_pause_is_drawn_at_once() -> None:
    async with opened(VIEWS[0]) as screen:
        screen.timer.now += FRAME_SECONDS
        screen.feed.post(VIEWS[2])
        await screen.pilot.pause()
        assert "step 7" in screen.text.splitlines()[0]


async def test_on_a_line_that_has_not_taken_the_last_frame_the_next_one_is_dropped() -> None:
    waiting = [4_000]
    async with opened(VIEWS[0], unsent=lambda: waiting[0]) as screen:
        await screen.show(VIEWS[1])
        await screen.show(VIEWS[2])
        assert "step" not in screen.text.splitlines()[0]
        waiting[0] = 0
        await screen.show(VIEWS[2])
        assert "step 7" in screen.text.splitlines()[0]


async def test_a_terminal_that_is_not_looked_at_gets_a_frame_a_second() -> None:
    async with opened(VIEWS[0]) as screen:
        screen.app.app_focus = False
        await screen.show(VIEWS[1])
        assert "step 5" in screen.text.splitlines()[0]
        screen.timer.now += 1.0
        await screen.show(VIEWS[2])
        assert "step 7" in screen.text.splitlines()[0]


async def test_while_nothing_arrives_the_age_of_the_last_record_goes_on() -> None:
    view = view_of(run_of(overfitting()), machine=MACHINE)
    async with opened(view) as screen:
        overview = screen.app.screen
        assert overview.query_one(Header).render_line(0).text.rstrip().endswith("1.4 s ago")
        overview.tick(view.now + 8)  # type: ignore[attr-defined]  # the screen is the overview
        assert overview.query_one(Header).render_line(0).text.rstrip().endswith("9.4 s ago")


def test_the_skeleton_is_painted_without_numpy_screens_or_monitor() -> None:
    code = "import sys, trainmon.ui.opening; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(Path(trainmon.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "trainmon.ui.app" in loaded
    assert not loaded & {"numpy", "trainmon.monitor", "trainmon.ui.pages.overview"}


@pytest.fixture
def themes(tmp_path: Path) -> Path:
    """Return a folder with the themes of trainmon and a broken one between them."""
    copytree(theme_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "broken.toml").write_text("primary = '#nocolor'")
    return tmp_path


async def test_a_broken_theme_is_a_notice_and_the_next_one_is_used(themes: Path) -> None:
    async with opened(VIEWS[0], themes=themes) as screen:
        await screen.press("t")
        (notice,) = screen.app._notifications  # noqa: SLF001 - Textual shows them on the screen only when its animation is over
        assert notice.message.startswith("theme 'broken' lacks inks: text, ")
        assert screen.app.theme == theme_names([themes])[2]


async def test_a_broken_theme_of_the_palette_changes_nothing(themes: Path) -> None:
    async with opened(VIEWS[0], themes=themes) as screen:
        before, colors = screen.text, screen.colors
        commands = screen.app.get_system_commands(screen.app.screen)
        next(command for command in commands if command.title == "Theme: broken").callback()
        await screen.pilot.pause()
        assert screen.app.theme == "dark"
        assert screen.colors >= colors
        assert screen.text.splitlines()[0] == before.splitlines()[0]


class Slow(IOBase):
    """A terminal on a slow line: it takes what it is given only when it is let."""

    def __init__(self) -> None:
        self.taken = ""

    def write(self, text: str) -> int:
        self.taken += text
        return len(text)


def test_a_driver_knows_what_it_has_been_given_and_the_terminal_has_not_taken() -> None:
    class LinuxDriver(Driver):
        """Keeps what it is to write, as the thread of the real one would."""

        def __init__(self) -> None:
            self._file = Slow()
            self.queued: list[str] = []

        def start_application_mode(self) -> None: ...

        def disable_input(self) -> None: ...

        def stop_application_mode(self) -> None: ...

        def write(self, data: str) -> None:
            self.queued.append(data)

        def write_queued(self) -> None:
            while self.queued:
                self._file.write(self.queued.pop(0))

    driver = counting(LinuxDriver)()  # type: ignore[call-arg]  # this one asks for no app
    assert isinstance(driver, LinuxDriver)
    driver.write("abc")
    driver.write("de")
    assert unsent(driver) == 5
    driver.write_queued()
    assert unsent(driver) == 0
    with at_once(driver):
        driver.write("abc")
        driver.write("de")
        assert driver.queued == []
    assert driver.queued == ["abcde"]
