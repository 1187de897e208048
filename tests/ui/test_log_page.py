"""What a person does on the log page."""

from dataclasses import replace

from textual.events import MouseEvent, MouseScrollUp

from tests.ui.opened import SMALL, Opened, opened
from tests.ui.scenes import healthy, not_a_number, overfitting, run_of, short, view_of
from trainmon.store.batch import Record
from trainmon.ui.charts.ink import Ink
from trainmon.view import View

TROUBLE: list[Record] = [
    {"event": "exception", "step": 480, "type": "RuntimeError", "traceback": "Trace:\n  line 1"},
]
LONG = view_of(run_of([*overfitting(), *TROUBLE]))
FEW = view_of(run_of(short(5)))


async def on_the_page(screen: Opened, *keys: str) -> str:
    return await screen.press("9", *keys)


def lines_of(screen: Opened) -> list[str]:
    """Return the records that are shown."""
    lines = screen.text.splitlines()
    top = next(at for at, line in enumerate(lines) if line.startswith("╭ log"))
    return [line.strip("│ ") for line in lines[top + 2 : -2]]


async def test_the_newest_record_is_at_the_bottom_and_the_log_is_followed() -> None:
    async with opened(FEW) as screen:
        await on_the_page(screen)
        assert "5 records, following" in screen.text
        assert [line.split() for line in lines_of(screen)[:5]][4] == ["5", "train/loss=0.4"]
        await screen.show(view_of(run_of(short(90)), revision=2))
        assert lines_of(screen)[-1].startswith("90 ")


async def test_a_line_has_place_and_values_in_columns_of_the_log() -> None:
    async with opened(view_of(run_of(healthy()))) as screen:
        text = await on_the_page(screen)
        assert "time    step epoch" in text
        line = next(line for line in lines_of(screen) if " 470 " in line)
        pairs = [word.partition("=")[0] for word in line.split()]
        assert pairs == ["0:01:10", "470", "11.75", "train/loss", "lr", "grad_norm", "data_time"]


async def test_up_stops_following_and_end_follows_again() -> None:
    async with opened(FEW) as screen:
        assert "4 of 5" in await on_the_page(screen, "k")
        await screen.show(view_of(run_of(short(90)), revision=2))
        assert "4 of 90" in screen.text
        assert "90 records, following" in await screen.press("end")


async def test_home_and_pages_scroll_through_all_of_it() -> None:
    async with opened(LONG, SMALL) as screen:
        assert "1 of 506" in await on_the_page(screen, "home")
        assert "↻ header" in screen.text
        shown = len(lines_of(screen))
        assert f"{shown} of 506" in await screen.press("pagedown")
        assert f"{2 * shown - 1} of 506" in await screen.press("pagedown")
        assert "1 of 506" in await screen.press("pageup", "pageup", "pageup")


async def test_slash_goes_to_the_last_match_and_n_on_from_there() -> None:
    async with opened(LONG) as screen:
        await on_the_page(screen, "slash", *"val/loss")
        assert "/ val/loss" in screen.text
        assert screen.color_of(Ink.SELECTED) in screen.colors
        assert "504 of 506" in await screen.press("enter")
        assert "462 of 506" in await screen.press("N")
        assert "504 of 506" in await screen.press("n")
        assert "42 of 506" in await screen.press("n"), "it comes round"


async def test_a_text_that_is_nowhere_is_told_and_the_place_stays() -> None:
    async with opened(LONG) as screen:
        text = await on_the_page(screen, "home", "slash", *"nosuch", "enter")
        assert "/ nosuch  not found" in text
        assert "1 of 506" in text


async def test_escape_ends_the_search_and_n_is_for_findings_again() -> None:
    async with opened(LONG) as screen:
        assert "/ val" in await on_the_page(screen, "slash", *"val", "enter")
        assert "/ val" not in await screen.press("escape")
        assert "measured" in await screen.press("n")


async def test_letters_of_a_search_do_nothing_else() -> None:
    async with opened(LONG) as screen:
        assert "/ q1n" in await on_the_page(screen, "slash", *"q1n")
        assert screen.app.is_running


async def test_enter_shows_a_record_whole_and_escape_leads_back() -> None:
    async with opened(LONG) as screen:
        before = await on_the_page(screen)
        whole = await screen.press("enter")
        assert "✖ exception  record 505" in whole
        trace = [line for line in whole.splitlines() if "Trace:" in line or "  line 1" in line]
        assert len(trace) == 3, "the line in the list, and two of the sheet"
        assert (await screen.press("escape")) == before


async def test_a_click_moves_the_cursor_and_another_one_opens() -> None:
    async with opened(FEW) as screen:
        await on_the_page(screen)
        await screen.pilot.click("#log-lines", offset=(10, 3))
        assert "2 of 5" in await screen.press()
        await screen.pilot.click("#log-lines", offset=(10, 3))
        assert "record 1" in await screen.press()


async def test_the_wheel_scrolls_up_and_stops_following() -> None:
    async with opened(LONG) as screen:
        await on_the_page(screen)
        turns: list[type[MouseEvent]] = [MouseScrollUp] * 2
        lines = screen.app.screen.query_one("#log-lines")
        await screen.pilot._post_mouse_events(turns, lines)  # noqa: SLF001 - Textual has no public wheel
        assert "500 of 506" in await screen.press()


async def test_what_is_not_finite_stands_out() -> None:
    async with opened(view_of(run_of(not_a_number()))) as screen:
        assert "train/loss=NaN" in await on_the_page(screen)
        assert screen.color_of(Ink.ERROR) in screen.colors


async def test_another_run_is_followed_from_its_end() -> None:
    view = view_of(LONG.runs[0], run_of(short(5), "other"))
    async with opened(replace(view)) as screen:
        assert "1 of 506" in await on_the_page(screen, "home")
        await screen.press("1")
        screen.app.screen.query_one("#runs").focus()
        await screen.press("j", "enter")
        assert "5 records, following" in await screen.press("9")


async def test_before_the_first_record_no_key_does_anything() -> None:
    async with opened(View(0, 0.0)) as screen:
        text = await on_the_page(screen)
        keys = ("k", "home", "end", "pageup", "enter", "slash", "x", "enter", "n", "escape")
        assert (await screen.press(*keys)) == text
