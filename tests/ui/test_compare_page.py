"""Comparing two runs on the screen: which goes better, since when, and why."""

from math import exp

from tests.ui.opened import SMALL, Opened, opened
from tests.ui.scenes import healthy, overfitting, run_of, short, view_of
from trainmon.store.batch import Record
from trainmon.ui.charts.ink import Ink
from trainmon.view import RunView


def _learning(name: str, lr: float, pace: float) -> RunView:
    """Return a run that learns at a pace, with a learning rate and a batch size."""
    header: Record = {"trainmon": 1, "run": name, "config": {"lr": lr, "batch_size": 64}}
    steps: list[Record] = [
        {"step": step, "epoch": step / 100, "val/loss": 0.2 + 2 * exp(-pace * step)}
        for step in range(0, 1_000, 10)
    ]
    return run_of([header, *steps], name)


TWO = view_of(_learning("quick", 1e-3, 0.01), _learning("slow", 2.5e-5, 0.001))


def chart_of(screen: Opened) -> str:
    return next(line for line in screen.text.splitlines() if "╭ " in line)


async def test_8_tells_which_run_is_better_since_when_and_what_it_has_otherwise() -> None:
    async with opened(TWO) as screen:
        text = await screen.press("8")
        assert "quick is better than slow" in text
        assert "what slow has otherwise than quick" in text
        assert "lr 40x smaller" in text
        assert "◇" in text, "where they part"
        assert screen.color_of(Ink.OTHER_1) in screen.colors


async def test_settings_that_one_log_does_not_tell_are_not_counted() -> None:
    mute = run_of([{"step": step, "val/loss": 2.0 - step / 1_000} for step in range(500)], "mute")
    async with opened(view_of(TWO.runs[0], mute)) as screen:
        text = await screen.press("8")
        assert "settings cannot be compared" in " ".join(text.split())
        assert "matter" not in text


async def test_x_goes_through_the_axes_that_both_runs_tell() -> None:
    async with opened(TWO) as screen:
        fairest = await screen.press("8")
        assert "at equal samples" in fairest
        assert "at equal epochs" in await screen.press("x")
        assert "at equal steps" in await screen.press("x")
        assert await screen.press("x") == fairest


async def test_j_and_k_go_through_the_metrics_of_both() -> None:
    async with opened(view_of(run_of(overfitting()), run_of(healthy(), "other"))) as screen:
        first = chart_of(screen) if await screen.press("8") else ""
        await screen.press("j")
        assert chart_of(screen) != first
        await screen.press("k")
        assert chart_of(screen) == first


async def test_the_run_that_is_laid_over_is_the_one_compared_with() -> None:
    runs = (*TWO.runs, _learning("slower", 1e-6, 0.0001))
    async with opened(view_of(*runs)) as screen:
        await screen.press("8")
        screen.app.screen.query_one("#compare-runs").focus()
        assert "better than slower" in " ".join((await screen.press("j", "j", "space")).split())


async def test_a_run_alone_is_told_how_to_find_another() -> None:
    async with opened(view_of(run_of(short())), SMALL) as screen:
        assert "no other run to compare with" in await screen.press("8")
