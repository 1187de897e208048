"""One frame without a terminal: the same that a person would see."""

import asyncio
from io import StringIO
from typing import Any

from rich.console import Console

from tests.ui.opened import opened
from tests.ui.scenes import MACHINE, overfitting, run_of, view_of
from trainmon.ui.charts.ink import Ink
from trainmon.ui.look.themes import ink_styles, load_theme
from trainmon.ui.still import still

VIEW = view_of(run_of(overfitting()), machine=MACHINE)


def printed(theme: str = "dark", **console: Any) -> str:  # noqa: ANN401 - options of a console
    """Return a frame as a console prints it."""
    target = StringIO()
    frame = still(VIEW, VIEW.now, theme=theme)
    frame.print(Console(file=target, width=200, **console))
    return target.getvalue()


async def _shown() -> str:
    async with opened(VIEW) as screen:
        return screen.text


def test_a_frame_as_text_is_what_the_screen_shows() -> None:
    assert still(VIEW, VIEW.now).grid.text() == asyncio.run(_shown())


def test_a_frame_is_as_large_as_it_is_asked_to_be() -> None:
    frame = still(VIEW, VIEW.now, size=(80, 24))
    assert (frame.grid.height, frame.grid.width) == (24, 80)
    assert "▲ loader-spikes since step 23" in frame.grid.text()
    assert "loss" in frame.svg


def test_without_colours_there_are_none_and_with_them_those_of_the_theme() -> None:
    plain = printed(color_system=None)
    assert "\x1b" not in plain
    assert "╭ loss" in plain
    color = ink_styles(load_theme("light"))[Ink.TRAIN].removeprefix("#")
    code = ";".join(str(int(color[at : at + 2], 16)) for at in (0, 2, 4))
    told = printed("light", color_system="truecolor", force_terminal=True, no_color=False)
    assert f"38;2;{code}m" in told


def test_keys_are_pressed_before_the_frame_is_taken() -> None:
    frame = still(VIEW, VIEW.now, keys=("less_than_sign",))
    assert "earlier, " in frame.grid.text().splitlines()[0]
