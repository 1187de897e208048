"""Where the panels stand: on small screens and large ones, maximised and back."""

import pytest

from tests.ui.opened import SMALL, WIDE, Opened, opened
from tests.ui.scenes import MACHINE, overfitting, run_of, view_of

ONE = view_of(run_of(overfitting()), machine=MACHINE)


def boxes(screen: Opened) -> list[str]:
    """Return the titles of the panels with a border that are to be seen."""
    names = ("loss", "learning rate", "gradient norm", "data wait", "machine", "findings", "runs")
    return [name for name in names if f"╭ {name} " in screen.text]


@pytest.mark.parametrize("panel", ["#loss", "#gradient", "#data-wait", "#machine"])
async def test_enter_maximises_a_chart_and_esc_restores_all(panel: str) -> None:
    async with opened(ONE) as screen:
        screen.app.screen.query_one(panel).focus()
        before = await screen.press()
        await screen.press("enter")
        assert len(boxes(screen)) == 1
        assert screen.app.screen.query_one(panel).size.width == WIDE[0]
        assert (await screen.press("escape")) == before
        await screen.press("enter")
        assert (await screen.press("enter")) == before


async def test_a_small_terminal_has_a_strip_and_no_lists() -> None:
    async with opened(ONE, SMALL) as screen:
        assert boxes(screen) == ["loss"]
        for signal in ("lr ", "grad ", "wait ", "GPU 0 91 %"):
            assert f"\n {signal}" in screen.text
        assert len(screen.text.splitlines()) == SMALL[1]


async def test_a_wide_terminal_has_charts_and_lists_and_no_strip() -> None:
    async with opened(ONE) as screen:
        assert len(boxes(screen)) == 7
        assert "\n wait " not in screen.text


async def test_a_terminal_may_change_its_size() -> None:
    async with opened(ONE) as screen:
        wide = screen.text
        async with opened(ONE, SMALL) as other:
            small = other.text
        for size in [(100, 30), (20, 5), (1, 1), (200, 60)]:
            await screen.pilot.resize_terminal(*size)
        await screen.pilot.resize_terminal(*SMALL)
        assert await screen.press() == small
        await screen.pilot.resize_terminal(*WIDE)
        assert await screen.press() == wide


async def test_a_maximised_chart_stays_so_on_a_small_terminal() -> None:
    async with opened(ONE) as screen:
        screen.app.screen.query_one("#gradient").focus()
        await screen.press("enter")
        await screen.pilot.resize_terminal(*SMALL)
        await screen.press()
        assert boxes(screen) == ["gradient norm"]
