"""Travelling in time: the whole screen as it stood, and back to now."""

import re
from dataclasses import replace

from tests.ui.opened import Opened, opened
from tests.ui.scenes import (
    MACHINE,
    STEP_SECONDS,
    healthy,
    overfitting,
    run_of,
    short,
    view_of,
)
from trainmon.store.batch import Record
from trainmon.ui.charts.numbers import duration
from trainmon.ui.desk import Desk
from trainmon.view import Machine

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


LOG = overfitting()

ONSET = next(each for each in ONE.runs[0].decisions if each.rule == "overfitting")
"""Where it was found that it overfits."""

THEN = LOG[ONSET.row]


def sampled(time: float, util: float) -> Machine:
    return Machine(time, {**MACHINE.readings, "gpu0/util": util}, MACHINE.names)


def moved(records: list[Record], seconds: float) -> list[Record]:
    return [{**each, "time": each["time"] + seconds} for each in records]


def box(screen: Opened, title: str) -> str:
    """Return the top border of a panel, from its title on."""
    return (
        next(line for line in screen.text.splitlines() if f"╭ {title}" in line)
        .partition(f"╭ {title}")[2]
        .partition("╮")[0]
    )


async def test_a_person_travels_to_the_onset_and_the_whole_screen_is_of_that_moment() -> None:
    baseline = run_of(LOG)
    later = run_of(moved(healthy(), 3_600.0), "later")
    beside = run_of(moved(healthy(), 9.0), "beside")
    notices = ("3 lines left out",)
    early = view_of(baseline, beside, later, machine=sampled(THEN["time"] - 1, 0.33))
    now = replace(early, revision=2, machine=sampled(THEN["time"] + 99, 0.91), notices=notices)
    async with opened(early, (170, 40)) as screen:
        await screen.show(now)
        live = screen.text
        assert "step 480" in header_of(screen)
        assert all(words in live for words in ("3 lines left out", "91 %", "later"))
        while "as of step" not in screen.text or f"of step {THEN['step']} " not in screen.text:
            before = screen.text
            assert await screen.press("comma") != before, "the decision is on the way"
        header = header_of(screen)
        assert f"step {THEN['step']} of 800" in header
        assert f"epoch {THEN['epoch']:.3g}" in header
        assert f"{duration((800 - THEN['step']) * STEP_SECONDS)} left" in header
        assert "running" in header
        assert "overfitting since epoch 5" in screen.text
        assert f"val {THEN['val/loss']:.3g}" in box(screen, "loss")
        assert "as it was" in box(screen, "machine")
        assert re.search(r"GPU 0 .* 33 %", screen.text)
        assert "3 lines" not in screen.text
        assert "as they stood then" in box(screen, "runs")
        assert "later" not in screen.text
        listed = next(line for line in screen.text.splitlines() if "beside" in line)
        assert f" {THEN['step'] - 9 / STEP_SECONDS:.0f} " in listed
        assert await screen.press("end") == live


def test_hundreds_of_runs_come_scene_by_scene_as_they_stood_then() -> None:
    run, desk = ONE.runs[0], Desk()
    copies = (replace(run, key=f"copy{number}") for number in range(200))
    desk.take(replace(ONE, runs=(run, *copies)), ONE.now)
    desk.travel(-0.5)
    seen: list[int] = []
    while not seen or desk.behind:
        scene = desk.scene()
        assert scene is not None
        assert scene.run is not None
        assert scene.run.lead.n_rows < run.lead.n_rows
        seen.append(len(scene.runs))
        assert len(seen) < 200
    assert seen[-1] == 201
    assert seen == sorted(seen)


async def test_what_was_not_logged_yet_is_not_known_yet() -> None:
    async with opened(ONE) as screen:
        assert " val " in box(screen, "loss")
        await screen.hold("less_than_sign", 60)
        assert "as of step 1 " in screen.text
        assert " val " not in box(screen, "loss")
        assert "val/loss" not in await screen.press("2")


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
