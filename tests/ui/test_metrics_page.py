"""What a person does on the metrics page."""

from dataclasses import replace

import pytest
from textual.events import MouseEvent, MouseScrollDown

from tests.ui.opened import SMALL, Opened, opened
from tests.ui.scenes import header, healthy, overfitting, run_of, short, view_of
from trainmon.store.batch import Record
from trainmon.ui.charts.ink import Ink
from trainmon.view import View

LAYERS = 40


def with_layers() -> list[Record]:
    """Return a log of many metrics, in groups."""
    norms = {f"grad_norm/layer{number}": 1.0 + number for number in range(LAYERS)}
    steps = [
        {"step": step, "train/loss": 2 / step, "train/acc": 0.5, "lr": 0.1, **norms}
        for step in range(1, 9)
    ]
    return [header(), *steps, {"step": 8, "val/loss": 0.5, "val/acc": 0.4}]


MANY = view_of(run_of(with_layers()))


def first_line(screen: Opened) -> str:
    """Return the line over the charts."""
    return next(line for line in screen.text.splitlines() if line.startswith(" metrics "))


async def on_the_page(screen: Opened, *keys: str) -> str:
    return await screen.press("2", *keys)


async def test_all_metrics_stand_in_groups_and_those_beyond_are_counted() -> None:
    async with opened(MANY) as screen:
        text = await on_the_page(screen)
        headings = [
            line.split() for line in text.splitlines() if line.startswith((" train ", " grad_norm"))
        ]
        assert headings == [["train", "2"], ["grad_norm", "40"]]
        assert "metrics  45" in first_line(screen)
        assert "↓" in first_line(screen)
        assert "╭ layer0 ─" in text


async def test_the_end_shows_the_last_chart_and_home_the_first() -> None:
    async with opened(MANY, SMALL) as screen:
        assert "╭ layer39 ─" in await on_the_page(screen, "end")
        assert "↓" not in first_line(screen)
        text = await screen.press("home")
        assert "╭ loss ─" in text
        assert "↑" not in first_line(screen)


async def test_pages_are_turned_and_turned_back() -> None:
    async with opened(MANY, SMALL) as screen:
        before = await on_the_page(screen)
        assert (await screen.press("pagedown", "pagedown")) != before
        assert (await screen.press("pageup", "pageup", "pageup")) == before


async def test_slash_filters_by_words_and_says_how_many_match() -> None:
    async with opened(MANY) as screen:
        text = await on_the_page(screen, "slash", *"LAYER3")
        assert "11 of 45 match LAYER3" in first_line(screen)
        assert "╭ layer3 ─" in text
        assert "╭ layer4 ─" not in text
        assert "11 of 45 match" in await screen.press("enter"), "it stays"
        assert "╭ loss ─" in await screen.press("escape")
        assert "match" not in first_line(screen)


async def test_a_pattern_is_the_whole_name() -> None:
    async with opened(MANY) as screen:
        await on_the_page(screen, "slash", *"*/layer?", "enter")
        assert "10 of 45 match" in first_line(screen)


async def test_letters_are_typed_and_do_nothing_else() -> None:
    async with opened(MANY) as screen:
        await on_the_page(screen, "slash", *"q2s")
        assert screen.app.is_running
        assert "0 of 45 match q2s" in first_line(screen)
        assert "no metric is called so" in screen.text
        assert "0 of 45" in await screen.press("enter", "enter", "asterisk", "j"), "nothing is open"


async def test_enter_shows_the_chart_large_and_escape_leads_back_to_it() -> None:
    async with opened(MANY) as screen:
        before = await on_the_page(screen, "j", "l")
        chart = await screen.press("enter")
        assert chart.startswith("╭ val/acc ─")
        assert (await screen.press("escape")) == before


async def test_the_large_chart_has_the_keys_of_charts_and_what_they_set_holds() -> None:
    async with opened(view_of(run_of(overfitting()))) as screen:
        chart = await on_the_page(screen, "enter")
        assert chart.startswith("╭ train/loss ─")
        assert (await screen.press("s", "s")) != chart, "smoother"
        assert "at step" in await screen.press("v", "h")
        assert "at epoch" in await screen.press("x")
        assert "at epoch" not in await screen.press("v", "escape")
        await screen.press("1")
        assert "smoothed 0.97" in screen.text


async def test_a_chart_that_is_clicked_is_shown_large() -> None:
    async with opened(MANY) as screen:
        await on_the_page(screen)
        await screen.pilot.click("#metric-grid", offset=(60, 4))
        await screen.pilot.pause()
        assert screen.text.startswith("╭ train/acc ─")


async def test_the_wheel_moves_through_the_charts() -> None:
    async with opened(MANY, SMALL) as screen:
        before = await on_the_page(screen)
        grid = screen.app.screen.query_one("#metric-grid")
        turns: list[type[MouseEvent]] = [MouseScrollDown] * 4
        await screen.pilot._post_mouse_events(turns, grid)  # noqa: SLF001 - Textual has no public wheel
        await screen.pilot.pause()
        assert screen.text != before


async def test_a_pin_puts_a_chart_on_top_and_holds_for_other_runs() -> None:
    other = run_of(overfitting(), "other")
    async with opened(replace(view_of(MANY.runs[0], other))) as screen:
        text = await on_the_page(screen, "j", "asterisk")
        assert " pinned" in text
        assert "╭ val/loss ─" in text
        await screen.press("1")
        screen.app.screen.query_one("#runs").focus()
        await screen.press("j", "enter")
        text = await screen.press("2")
        assert " pinned" in text
        assert " pinned" not in await screen.press("home", "asterisk")


async def test_a_run_laid_over_is_drawn_in_its_ink_here_too() -> None:
    async with opened(view_of(run_of(healthy()), run_of(overfitting(), "other"))) as screen:
        screen.app.screen.query_one("#runs").focus()
        await screen.press("j", "space", "2")
        assert screen.color_of(Ink.OTHER_1) in screen.colors
        assert screen.color_of(Ink.TRAIN) in screen.colors
        assert screen.color_of(Ink.VAL) in screen.colors


async def test_a_metric_that_appears_while_watching_gets_a_chart() -> None:
    records = short(5)
    async with opened(view_of(run_of(records))) as screen:
        assert "val/loss" not in await on_the_page(screen)
        more = [*records, {"step": 6, "val/loss": 0.3}]
        await screen.show(view_of(run_of(more), revision=2))
        assert "╭ val/loss ─" in screen.text


async def test_charts_go_on_with_the_training_also_while_keys_are_pressed() -> None:
    async with opened(view_of(run_of(short(5)))) as screen:
        await on_the_page(screen)
        await screen.show(view_of(run_of(short(8)), revision=2))
        assert " 0.25 ╮" in await screen.press("j", "k")


@pytest.mark.parametrize("view", [View(0, 0.0), view_of(run_of([{"event": "note", "text": "hi"}]))])
async def test_without_metrics_the_keys_do_nothing(view: View) -> None:
    async with opened(view) as screen:
        before = await on_the_page(screen)
        keys = ("j", "l", "enter", "asterisk", "pagedown", "end", "slash", "x", "escape")
        assert (await screen.press(*keys)) == before
