"""Charts as pictures: chosen, sent to a terminal that has them, changed, and gone again."""

import base64
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from rich.color import ColorSystem
from textual.geometry import Region

from tests.ui.opened import Opened, opened
from tests.ui.scenes import MACHINE, overfitting, run_of, view_of
from trainmon.ui.charts.palette import Picture
from trainmon.ui.panels.loss import LossPanel
from trainmon.ui.pixels.terminal import Answer, Pixels, Way, pixels_here
from trainmon.ui.screens.help import Help
from trainmon.ui.terminal.pen import Pen

RUN = overfitting()
ONE = view_of(run_of(RUN), machine=MACHINE)

PLACEHOLDER = chr(0x10EEEE)
"""What kitty shows a picture with."""

ABLE = {"COLORTERM": "truecolor"}


class Line:
    """A terminal that keeps what it is sent, as it is sent, besides the cells."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self.screen: Opened | None = None

    def send(self, letters: str) -> None:
        self._sent.append(letters)

    def taken(self) -> list[str]:
        """Return what came since the last time, with what is due."""
        if self.screen and self.screen.app.is_running:
            self.screen.app.screen._on_timer_update()  # noqa: SLF001 - Textual would do so in 16 ms
        sent, self._sent = self._sent, []
        return sent


@asynccontextmanager
async def shown(way: Way, *, toasts: bool = False) -> AsyncIterator[tuple[Opened, Line]]:
    line = Line()
    pixels = Pixels(way, lambda: (20, 10))
    async with opened(ONE, pixels=pixels, send=line.send, toasts=toasts) as screen:
        line.screen = screen
        yield screen, line


def kitty_pictures(sent: list[str]) -> dict[int, Picture]:
    """Return what a terminal that speaks kitty's protocol would show of what it was sent."""
    pictures: dict[int, Picture] = {}
    for each in sent:
        about, _, _ = each.partition(";")
        told = dict(
            pair.split("=") for pair in about.removeprefix("\x1b_G").split(",") if "=" in pair
        )
        number = int(told["i"].removesuffix("\x1b\\"))
        if told["a"] == "d":
            del pictures[number]
            continue
        chunks = re.findall(r"\x1b_G[^;]*m=([01]);([^\x1b]*)\x1b\\", each)
        assert [more for more, _ in chunks] == ["1"] * (len(chunks) - 1) + ["0"]
        assert all(len(chunk) <= 4_096 for _, chunk in chunks)
        raw = zlib.decompress(base64.b64decode("".join(chunk for _, chunk in chunks)))
        shape = int(told["v"]), int(told["s"]), 3
        assert shape[:2] == (20 * int(told["r"]), 10 * int(told["c"]))
        pictures[number] = np.frombuffer(raw, np.uint8).reshape(shape)
    return pictures


def corners(sent: list[str]) -> set[tuple[int, int]]:
    """Return row and column of the top left cell of each sixel picture that was sent."""
    found = re.findall(r"\x1b7\x1b\[(\d+);(\d+)H", "".join(sent))
    return {(int(row), int(col)) for row, col in found}


async def test_kitty_is_sent_each_chart_once_and_shows_it_by_characters() -> None:
    async with shown(Way.KITTY) as (screen, line):
        pictures = kitty_pictures(line.taken())
        assert len(pictures) == 3, "the loss, the learning rate, the gradient norm"
        assert all(len(np.unique(each.reshape(-1, 3), axis=0)) > 8 for each in pictures.values())
        lines = screen.text.splitlines()
        assert all(PLACEHOLDER in each for each in lines[5:16])
        assert "╭ loss" in screen.text, "what stands around it stays text"
        assert "▲overfitting" in screen.text.replace(" ", ""), "and so does what lies over it"
        await screen.show(ONE)
        assert line.taken() == [], "nothing changed"


async def test_a_part_of_a_picture_is_sent_in_whole_characters() -> None:
    async with shown(Way.KITTY) as (screen, _):
        loss = screen.app.screen.query_one("#loss", LossPanel)
        for start in range(6, 40, 3):
            pen = Pen(ColorSystem.TRUECOLOR)
            loss.write_to(pen, Region(start, 9, 3, 1))
            text = re.sub(r"\x1b\[[\d;]*m", "", pen.finished())
            assert len(text) == 3 * 4
            assert set(text[::4]) == {PLACEHOLDER}


async def test_sixel_is_sent_each_chart_at_its_place_and_its_words_after_it() -> None:
    async with shown(Way.SIXEL) as (screen, line):
        sent = line.taken()[-3:]
        for each in sent:
            assert re.match(r'\x1b7\x1b\[\d+;\d+H\x1bP0;0;0q"1;1;\d+;\d+#', each)
            assert "\x1b\\\x1b8" in each
        assert "overfitting" in sent[0].rpartition("\x1b8")[2]
        assert not re.search("[\u2801-\u28ff]", "".join(screen.text.splitlines()[4:20]))
        await screen.show(ONE)
        assert line.taken() == [], "nothing changed"


@pytest.mark.parametrize("way", Way)
async def test_new_data_change_the_pictures_that_they_are_in_and_no_others(way: Way) -> None:
    async with shown(way) as (screen, line):
        line.taken()
        step = {"step": 481, "epoch": 12.0, "time": RUN[-1]["time"] + 1, "train/loss": 1.9}
        await screen.show(view_of(run_of([*RUN, step]), revision=2, machine=MACHINE))
        assert len(line.taken()) == 1


@pytest.mark.parametrize("way", Way)
async def test_a_picture_follows_the_cross_hair_the_theme_and_the_size(way: Way) -> None:
    async with shown(way) as (screen, line):
        for key in ("v", "t"):
            line.taken()
            await screen.press(key)
            assert line.taken(), key
        await screen.pilot.resize_terminal(100, 30)
        await screen.pilot.pause()
        sizes = re.findall(r"s=(\d+)|q\"1;1;(\d+)", "".join(line.taken()))
        assert max(int(one or other) for one, other in sizes) < 650


async def test_kitty_forgets_pictures_on_leaving_a_page_and_at_the_end() -> None:
    async with shown(Way.KITTY) as (screen, line):
        sent = line.taken()
        first = set(kitty_pictures(sent))
        await screen.press("7")
        sent += line.taken()
        assert not first & set(kitty_pictures(sent))
        await screen.press("1")
        sent += line.taken()
        assert set(kitty_pictures(sent)) == first
    assert kitty_pictures(sent + line.taken()) == {}


async def test_nothing_is_sent_under_what_lies_over_a_page() -> None:
    async with shown(Way.SIXEL) as (screen, line):
        line.taken()
        await screen.press("question_mark")
        assert isinstance(screen.app.screen, Help)
        assert line.taken() == []
        await screen.press("escape")
        assert len(line.taken()) >= 3


async def test_a_notice_is_not_painted_over() -> None:
    async with shown(Way.SIXEL, toasts=True) as (screen, line):
        line.taken()
        screen.app.notify("\n".join("a notice" for _ in range(12)), timeout=60)
        await screen.pilot.pause()
        await screen.press("v")
        assert corners(line.taken()) == {(5, 7), (5, 79)}, "that of the learning rate waits"
        screen.app.clear_notifications()
        await screen.pilot.pause()
        assert (23, 7) in corners(line.taken())


async def test_all_colours_of_a_sixel_picture_are_defined_before_it_is_drawn() -> None:
    async with shown(Way.SIXEL) as (_, line):
        pictures = [each for each in line.taken() if "\x1bP" in each]
        assert pictures
        for picture in pictures:
            definitions, drawn = re.findall(r"#\d+;2;", picture), re.split("[?-~]{2}", picture)[0]
            assert re.findall(r"#\d+;2;", drawn) == definitions


async def test_a_picture_of_the_screen_has_its_charts_as_text() -> None:
    async with shown(Way.KITTY) as (screen, line):
        line.taken()
        page = screen.app.screen
        svg = page._svg()  # type: ignore[attr-defined]  # noqa: SLF001 - of a page, not saved here
        assert re.search("[\u2801-\u28ff]", svg)
        assert PLACEHOLDER not in svg
        await screen.pilot.pause()
        assert PLACEHOLDER in screen.text


async def test_without_being_asked_for_there_are_no_pictures() -> None:
    sent: list[str] = []
    async with opened(ONE, send=sent.append) as screen:
        assert not sent
        assert re.search("[\u2801-\u28ff]", screen.text)


@pytest.mark.parametrize("way", Way)
def test_a_terminal_that_answers_gets_pictures(way: Way) -> None:
    pixels, why_not = pixels_here(ABLE, lambda: Answer(way, "kitty(0.28.0)"))
    assert pixels is not None
    assert (pixels.way, why_not) == (way, "")
    assert min(pixels.cell()) >= 1


def _nothing_installed() -> Answer:
    raise ModuleNotFoundError("No module named 'textual_image'")


def test_where_there_can_be_no_pictures_it_is_told_why_and_what_there_is_instead() -> None:
    for environment, ask, why in (
        (ABLE, _nothing_installed, "pip install 'trainmon[pixels]'"),
        (ABLE, lambda: Answer(None), "neither sixel nor kitty"),
        (ABLE, lambda: Answer(Way.KITTY, "kitty(0.26.5)"), "kitty(0.26.5) shows no pictures"),
        (ABLE, lambda: Answer(Way.KITTY, "WezTerm\x1b[2J"), "WezTerm\ufffd[2J shows no pictures"),
        (ABLE, lambda: Answer(Way.KITTY), "this terminal shows no pictures within text"),
        (ABLE | {"NO_COLOR": "1"}, lambda: Answer(Way.SIXEL), "NO_COLOR"),
        ({}, lambda: Answer(Way.KITTY, "kitty(0.41.1)"), "COLORTERM"),
    ):
        pixels, told = pixels_here(environment, ask)
        assert pixels is None
        assert why in told
        assert "braille" in told
