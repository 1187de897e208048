"""Whatever a log holds, the screen shows it as text: it obeys nothing and it breaks on nothing."""

import re

import pytest
from rich.cells import cell_len

from tests.ui.opened import SMALL, WIDE, Opened, opened
from tests.ui.scenes import MACHINE, RULES, START, header, run_of, view_of
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.text import clean
from trainmon.ui.pages import PAGES
from trainmon.view import Machine, RunView, View

ESCAPES = "\x1b]0;x\x07\x1b[2J\x9b31m\x00\r\b\u202e\u2066\u200b"
MARKUP = "[bold red][/][@click=app.quit]x[/]"
WIDE_TEXT = "学习率 e\u0301\u0302\u0303 👩‍🔬 \uff46\uff55"
HOSTILE = f"{MARKUP} {ESCAPES} {WIDE_TEXT}"

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

KEYS = [("n",), ("slash",), ("slash", "enter"), ("question_mark",), ("ctrl+p",), ("y", "o", "x")]
"""The ways to all that lies over the panels."""


def hostile_run(key: str, ending: list[Record]) -> RunView:
    metrics = ("train/loss", f"val/{HOSTILE}", f"grad_norm/{HOSTILE}", f"sys/{HOSTILE}/util")
    steps = [
        {"step": k, "time": START + k, **dict.fromkeys(metrics, 1.0 if k < 40 else "NaN")}
        for k in range(60)
    ]
    config = {"schedule": HOSTILE, "monitor": HOSTILE, HOSTILE: HOSTILE, "lr": 0.1}
    begin = [header(run=HOSTILE, config=config), {"event": "phase", "name": HOSTILE}]
    return run_of([*begin, *steps, *ending], key)


def hostile_view() -> View:
    crashed = {"event": "exception", "type": HOSTILE, "message": HOSTILE, "traceback": HOSTILE}
    machine = Machine(START, MACHINE.readings, {"gpu0": clean(HOSTILE)}, (clean(HOSTILE),))
    return view_of(hostile_run("one", [crashed]), hostile_run("two", []), machine=machine)


def assert_harmless(screen: Opened) -> None:
    """Assert that nothing on the screen is more than a character in a place of its own."""
    height, width = len(screen.strips), screen.app.size.width
    assert height == screen.app.size.height
    for strip in screen.strips:
        assert strip.cell_length == width
        for segment in strip:
            assert not CONTROL.search(segment.text)
            assert segment.control is None
            assert "@click" not in (segment.style.meta if segment.style else {})


@pytest.mark.parametrize("size", [WIDE, SMALL, (31, 9)], ids=["wide", "small", "tiny"])
async def test_a_hostile_log_is_shown_as_text_at_every_size(size: tuple[int, int]) -> None:
    async with opened(hostile_view(), size) as screen:
        assert_harmless(screen)


@pytest.mark.parametrize("keys", KEYS, ids=" ".join)
async def test_a_hostile_log_is_text_on_all_that_lies_over_the_panels(keys: list[str]) -> None:
    async with opened(hostile_view()) as screen:
        await screen.press(*keys)
        assert_harmless(screen)
        assert screen.app.is_running


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize("name", PAGES)
async def test_a_hostile_log_is_text_on_every_page(name: str, size: tuple[int, int]) -> None:
    async with opened(hostile_view(), size) as screen:
        await screen.press(PAGES[name])
        assert_harmless(screen)
        await screen.press("down", "right", "tab")
        assert_harmless(screen)


async def test_hosts_and_settings_of_several_ranks_are_shown_as_text() -> None:
    run = Run("ddp", "ddp", "logs/ddp", RULES)
    for rank in range(2):
        place = {"rank": rank, "world_size": 2, "host": HOSTILE, "gpu": HOSTILE}
        begin = header(config={"dataset": HOSTILE, "num_workers": HOSTILE}, **place)
        run.take(rank, batch_of([begin, *({"step": k, "work_time": 1.0} for k in range(9))]))
    run.judge()
    async with opened(view_of(run.view(live=True)), (200, 60)) as screen:
        for page in ("data", "ranks"):
            await screen.press(PAGES[page])
            assert_harmless(screen)
            assert "@click=app.quit" in screen.text


async def test_markup_in_names_is_shown_as_it_is_written() -> None:
    async with opened(hostile_view(), (200, 60)) as screen:
        assert "[bold red][/][@click=app.quit]x[/]" in screen.text.splitlines()[0]
        assert "[bold red][/][@click=app.quit]x[/]" in await screen.press("slash")


async def test_a_click_on_markup_does_not_do_what_it_says() -> None:
    async with opened(hostile_view()) as screen:
        await screen.press("slash")
        row = next(y for y, line in enumerate(screen.text.splitlines()) if "@click" in line)
        column = screen.text.splitlines()[row].index("@click")
        await screen.pilot.click(offset=(column, row))
        await screen.pilot.pause()
        assert screen.app.is_running


async def test_what_is_typed_into_the_filter_is_no_markup() -> None:
    async with opened(hostile_view()) as screen:
        await screen.press("slash", "left_square_bracket", "slash", "right_square_bracket")
        assert "[/]" in screen.text
        assert_harmless(screen)


async def test_failures_and_notices_are_shown_as_text() -> None:
    view = View(1, START, failures=(clean(HOSTILE),), notices=(clean(HOSTILE),))
    async with opened(view, (200, 60)) as screen:
        assert_harmless(screen)
        assert "[@click=app.quit]" in screen.text


async def test_a_wide_name_leaves_the_numbers_of_the_list_in_their_column() -> None:
    log = [{"step": 1, "学习率" * 9: 0.25, "学习率" * 30: 0.25, "short": 0.25}]
    async with opened(view_of(run_of(log))) as screen:
        listed = (await screen.press("slash")).splitlines()
        columns = {cell_len(line.split("0.25")[0]) for line in listed if "0.25" in line}
        assert len(columns) == 1
