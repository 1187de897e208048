"""What every page promises, tested over the pages that are there."""

import pytest

from tests.ui.opened import SMALL, WIDE, opened
from tests.ui.scenes import MACHINE, overfitting, run_of, short, view_of
from trainmon.ui.page import Page
from trainmon.ui.pages import FIRST, PAGES, load
from trainmon.view import View

LARGE = (200, 60)

VIEWS = {
    "nothing": View(0, 0.0),
    "a run that says little": view_of(run_of(short())),
    "a run that says much": view_of(run_of(overfitting()), machine=MACHINE),
}


def test_each_page_has_a_key_of_its_own() -> None:
    assert len(set(PAGES.values())) == len(PAGES)
    assert set(PAGES.values()) <= set("123456789")


@pytest.mark.parametrize("size", [SMALL, WIDE, LARGE])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_one_key_away_and_shows_the_run_at_every_size(
    name: str, view: str, size: tuple[int, int]
) -> None:
    async with opened(VIEWS[view], size) as screen:
        lines = (await screen.press(PAGES[name])).splitlines()
        assert isinstance(screen.app.screen, load(name))
        assert lines[0].startswith(" trainmon")
        assert f"{PAGES[name]} {name}" in lines[-1]
        assert max(map(len, lines)) <= size[0]


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_goes_on_with_the_training_and_escape_leads_to_no_other(name: str) -> None:
    async with opened(view_of(run_of(short(5)))) as screen:
        await screen.press(PAGES[name], "escape")
        assert isinstance(screen.app.screen, load(name))
        await screen.show(view_of(run_of(short(6)), revision=2))
        assert "step 6" in screen.text.splitlines()[0]


@pytest.mark.parametrize("name", PAGES)
async def test_what_was_chosen_on_one_page_holds_on_the_others(name: str) -> None:
    async with opened(view_of(run_of(overfitting()), run_of(short(), "other"))) as screen:
        await screen.press(PAGES[name], "p")
        page = screen.app.screen
        assert isinstance(page, Page)
        assert "paused" in screen.text.splitlines()[0]
        assert "paused" in (await screen.press(PAGES[FIRST])).splitlines()[0]
