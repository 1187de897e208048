"""Zoom, pan and cross-hair: what a person does to look at a part of the run."""

from textual import events

from tests.ui.opened import Opened, opened
from tests.ui.scenes import MACHINE, overfitting, run_of, short, view_of

ONE = view_of(run_of(overfitting()), machine=MACHINE)


def ticks(screen: Opened) -> list[str]:
    """Return the labels of the x axis of the largest chart."""
    lines = screen.text.splitlines()
    corner = next(at for at, line in enumerate(lines) if "└" in line.split("││")[0])
    return lines[corner + 1].split("││")[0].strip("│ ").split()


def numbers_of(screen: Opened) -> str:
    """Return the border of the loss with its numbers."""
    return next(line for line in screen.text.splitlines() if "╭ loss" in line)


async def test_plus_zooms_to_the_newest_half_and_0_shows_the_whole_run_again() -> None:
    async with opened(ONE) as screen:
        whole = screen.text
        assert float(ticks(screen)[0]) <= 25
        await screen.press("plus")
        assert float(ticks(screen)[0]) >= 240
        assert (await screen.press("0")) == whole
        assert (await screen.press("minus")) == whole, "there is no more than all"


async def test_brackets_move_along_the_run_and_stop_at_its_ends() -> None:
    async with opened(ONE) as screen:
        newest = await screen.press("plus", "plus")
        assert await screen.press("right_square_bracket") == newest
        earlier = await screen.press("left_square_bracket")
        assert earlier != newest
        assert await screen.press("right_square_bracket") == newest
        await screen.hold("left_square_bracket", 20)
        assert float(ticks(screen)[0]) <= 25


async def test_what_is_shown_at_the_end_of_a_run_follows_it() -> None:
    async with opened(view_of(run_of(short(100)))) as screen:
        await screen.press("plus", "plus")
        before = float(ticks(screen)[-1])
        await screen.show(view_of(run_of(short(400)), revision=2))
        assert float(ticks(screen)[-1]) > 3 * before


async def test_the_cross_hair_tells_all_values_as_they_were_there() -> None:
    async with opened(ONE) as screen:
        newest = numbers_of(screen)
        assert "at step 480" in await screen.press("v")
        await screen.hold("left", 50)
        assert "at step 23" in screen.text
        assert numbers_of(screen) != newest
        assert "▼" in screen.text
        await screen.hold("h", 60)
        assert "at step 1," in screen.text, "it stops at the first record"
        await screen.press("v")
        assert numbers_of(screen) == newest


async def test_zooming_keeps_the_place_of_the_cross_hair_in_sight() -> None:
    async with opened(ONE) as screen:
        await screen.press("v")
        await screen.hold("left", 50)
        await screen.press("plus", "plus", "plus")
        shown = [float(tick) for tick in ticks(screen)]
        assert min(shown) <= 235 <= max(shown) + 20
        assert "▼" in screen.text


async def test_the_cross_hair_takes_the_charts_along_where_it_would_leave_them() -> None:
    async with opened(ONE) as screen:
        await screen.press("plus", "plus", "v")
        before = ticks(screen)
        await screen.hold("left", 150)
        assert ticks(screen) != before
        assert "▼" in screen.text


async def test_a_click_on_a_chart_points_there() -> None:
    async with opened(ONE) as screen:
        await screen.pilot.click("#loss", offset=(36, 8))
        await screen.pilot.pause()
        lines = screen.text.splitlines()
        assert lines[4][36] == "▼"
        assert "at step 2" in screen.text


async def test_a_click_beside_the_plot_points_nowhere() -> None:
    async with opened(ONE) as screen:
        before = screen.text
        await screen.pilot.click("#loss", offset=(2, 8))
        await screen.pilot.pause()
        assert screen.text == before


async def test_the_wheel_goes_closer_to_what_is_under_the_mouse_and_back() -> None:
    async with opened(ONE) as screen:
        whole = screen.text
        loss = screen.app.screen.query_one("#loss")
        for _ in range(2):
            loss.post_message(_turned(events.MouseScrollUp))
        await screen.pilot.pause()
        near = [float(tick) for tick in ticks(screen) if tick != "step"]
        assert min(near) > 0
        assert max(near) < 480
        for _ in range(4):
            loss.post_message(_turned(events.MouseScrollDown))
        await screen.pilot.pause()
        assert screen.text == whole


def _turned(event: type[events.MouseEvent]) -> events.MouseEvent:
    """Return a turn of the wheel over the middle of the loss."""
    return event(
        None, 36, 8, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=36, screen_y=12
    )
