"""Travelling in time: the whole screen as it stood, and back to now."""

from tests.ui.opened import Opened, opened
from tests.ui.scenes import MACHINE, healthy, overfitting, run_of, short, view_of

ONE = view_of(run_of(overfitting()), machine=MACHINE)


def header_of(screen: Opened) -> str:
    return screen.text.splitlines()[0]


async def test_a_person_travels_back_to_before_the_trouble_and_returns_to_now() -> None:
    async with opened(ONE) as screen:
        now = screen.text
        assert "▲ overfitting" in now
        earlier = await screen.hold("less_than_sign", 25)
        assert "▲ overfitting" not in "\n".join(earlier.splitlines()[:-2])
        assert "earlier, " in header_of(screen)
        assert "as of step 2" in earlier
        assert await screen.press("escape") == now


async def test_travelling_forth_ends_at_now() -> None:
    async with opened(ONE) as screen:
        now = screen.text
        await screen.press(*["less_than_sign"] * 3)
        assert "earlier" in await screen.press("greater_than_sign")
        assert await screen.press(*["greater_than_sign"] * 3) == now
        assert await screen.press("greater_than_sign") == now


async def test_travelling_back_ends_at_the_first_record() -> None:
    async with opened(ONE) as screen:
        first = await screen.hold("less_than_sign", 60)
        assert "as of step 1 of 480" in first
        assert await screen.press("less_than_sign") == first


async def test_comma_and_full_stop_go_from_decision_to_decision() -> None:
    async with opened(ONE) as screen:
        now = screen.text
        places = []
        for _ in range(2):
            text = await screen.press("comma")
            places.append(float(text.splitlines()[-2].partition("as of step ")[2].split()[0]))
        assert places[1] < places[0]
        kinds = {each.step: each.kind for each in ONE.runs[0].decisions if each.kind != "repeated"}
        assert set(places) <= set(kinds), "where a finding opened, got worse or was over"
        back = await screen.press("full_stop")
        assert f"as of step {places[0]:.0f} " in back
        assert await screen.press(*["full_stop"] * 5) == now


async def test_records_that_come_meanwhile_change_nothing_of_what_was() -> None:
    async with opened(view_of(run_of(short(100)))) as screen:
        await screen.hold("less_than_sign", 10)
        then = screen.text.splitlines()[3:10]
        await screen.show(view_of(run_of(short(120)), revision=2))
        assert screen.text.splitlines()[3:10] == then
        assert "of 120" in screen.text


async def test_the_machine_of_now_is_not_told_for_then() -> None:
    async with opened(ONE) as screen:
        assert "GPU 0  91 %" in screen.text
        assert "GPU 0  91 %" not in await screen.press("less_than_sign")


async def test_looking_at_another_run_is_looking_at_now() -> None:
    async with opened(view_of(run_of(overfitting()), run_of(healthy(), "other"))) as screen:
        await screen.press("less_than_sign")
        screen.app.screen.query_one("#runs").focus()
        await screen.press("j", "enter")
        assert "other" in header_of(screen)
        assert "earlier" not in header_of(screen)


async def test_before_the_first_record_there_is_nowhere_to_travel() -> None:
    async with opened() as screen:
        before = screen.text
        assert await screen.press("less_than_sign", "comma", "v", "plus") == before
