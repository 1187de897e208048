"""What a person does with the screen: keys in, screen out, with clocks and views from the test."""

from pathlib import Path

import pytest

from tests.ui.opened import SMALL, Opened, opened
from tests.ui.scenes import MACHINE, healthy, not_a_number, overfitting, run_of, short, view_of
from trainmon.ui.charts.ink import Ink
from trainmon.ui.keys.bindings import bindings_of
from trainmon.ui.look.themes import theme_names
from trainmon.ui.panel import panels_of
from trainmon.view import View

BASELINE, DROPOUT, BROKEN = (
    run_of(overfitting()),
    run_of(healthy(), "more-dropout"),
    run_of(not_a_number(), "broken"),
)
ONE = view_of(BASELINE, machine=MACHINE)
TWO = view_of(BASELINE, DROPOUT, revision=2, machine=MACHINE)


def focused(screen: Opened) -> str:
    return type(screen.app.screen.focused).__name__


def verdict_of(screen: Opened) -> str:
    return screen.text.splitlines()[1]


def shows(screen: Opened, ink: Ink) -> bool:
    return screen.color_of(ink) in screen.colors


async def test_before_the_first_record_the_screen_says_what_is_waited_for() -> None:
    async with opened() as screen:
        assert screen.feed.started
        await screen.show(View(0, 0.0))
        assert "waiting for the first record" in screen.text
        assert "trainmon formats lists the logs that are read" in screen.text


async def test_a_path_that_does_not_exist_is_told_in_the_first_line() -> None:
    view = View(0, 0.0, failures=("'logs' does not exist",))
    async with opened(view) as screen:
        assert "'logs' does not exist" in screen.text.splitlines()[0]


async def test_a_run_that_appears_while_watching_comes_into_view() -> None:
    async with opened(View(0, 0.0)) as screen:
        await screen.show(ONE)
        assert "baseline ▶ running" in screen.text
        await screen.show(TWO)
        assert "more-dropout" in screen.text
        assert "baseline ▶ running" in screen.text.splitlines()[0], "one stays where one looks"


async def test_new_records_reach_the_screen() -> None:
    async with opened(view_of(run_of(short(5)))) as screen:
        assert "step 5" in screen.text.splitlines()[0]
        await screen.show(view_of(run_of(short(6)), revision=2))
        assert "step 6" in screen.text.splitlines()[0]


async def test_enter_on_the_verdict_opens_the_card_and_esc_goes_back() -> None:
    async with opened(ONE) as screen:
        before = screen.text
        card = await screen.press("shift+tab", "enter")
        assert "measured" in card
        assert "likely cause: the data loader stalls" in card
        assert "╭ loss" in (await screen.press("escape"))
        assert focused(screen) == "Verdict"
        assert (await screen.press("tab")) == before


async def test_tab_moves_through_all_panels_and_around() -> None:
    async with opened(ONE) as screen:
        seen = [focused(screen)]
        for _ in range(8):
            await screen.press("tab")
            seen.append(focused(screen))
        assert seen[0] == seen[8] == "LossPanel"
        reachable = {type(p).__name__ for p in panels_of(screen.app.screen) if p.can_focus}
        assert set(seen) == reachable


async def test_s_smooths_more_and_shift_s_less_to_the_raw_line() -> None:
    async with opened(ONE) as screen:
        assert "smoothed 0.6" in screen.text
        assert "smoothed 0.9" in await screen.press("s")
        assert "smoothed" not in await screen.press("S", "S", "S", "S")
        assert not shows(screen, Ink.TRAIN_RAW)
        assert "smoothed 0.97" in await screen.press("s", "s", "s", "s")


async def test_y_o_and_x_change_the_axes_and_change_them_back() -> None:
    async with opened(ONE) as screen:
        before = screen.text
        assert "log, smoothed" in await screen.press("y")
        assert "full range" in await screen.press("y", "o")
        assert "epoch" in (await screen.press("o", "x")).split("learning rate")[0].split("loss")[1]
        await screen.press("x")
        assert (await screen.press("x")) == before


async def test_p_holds_the_screen_still_and_lets_it_go_on() -> None:
    async with opened(view_of(run_of(short(5)))) as screen:
        assert "paused" in await screen.press("p")
        await screen.show(view_of(run_of(short(9)), revision=2))
        assert "step 5" in screen.text
        await screen.press("p")
        await screen.show(view_of(run_of(short(9)), revision=2))
        assert "paused" not in screen.text
        assert "step 9" in screen.text


async def test_going_on_shows_what_came_meanwhile_at_once() -> None:
    async with opened(view_of(run_of(short(5)))) as screen:
        await screen.press("p")
        await screen.show(view_of(run_of(short(9)), revision=2))
        assert "step 9" in await screen.press("p")


async def test_t_changes_the_colours_and_nothing_else() -> None:
    async with opened(ONE) as screen:
        text, dark = screen.text, screen.color_of(Ink.TRAIN)
        assert (await screen.press("t")) == text
        names = theme_names()
        assert screen.app.theme == names[1]
        assert shows(screen, Ink.TRAIN)
        assert dark not in screen.colors
        await screen.press(*["t"] * (len(names) - 1))
        assert screen.app.theme == names[0]
        assert dark in screen.colors


async def test_slash_narrows_the_metrics_and_enter_shows_the_chart() -> None:
    async with opened(ONE) as screen:
        listed = await screen.press("slash")
        assert "grad_norm" in listed
        assert "val/loss" in listed
        narrowed = await screen.press(*"loss", "space", *"VAL")
        assert "val/loss" in narrowed
        assert "train/loss" not in narrowed
        chart = await screen.press("enter")
        assert "╭ val/loss" in chart
        assert "val/loss" in await screen.press("escape")
        assert "╭ loss" in await screen.press("escape")


async def test_the_chart_of_a_metric_goes_on_with_the_training() -> None:
    async with opened(view_of(run_of(short(5)))) as screen:
        assert "╭ train/loss ─" in await screen.press("slash", "enter")
        assert " 0.4 ╮" in screen.text
        await screen.show(view_of(run_of(short(8)), revision=2))
        assert " 0.25 ╮" in screen.text


async def test_a_filter_that_nothing_matches_says_so_and_enter_does_nothing() -> None:
    async with opened(ONE) as screen:
        assert "no metric is called so" in await screen.press("slash", *"nosuch", "enter")


async def test_question_mark_lists_every_binding() -> None:
    async with opened(ONE, (120, 100)) as screen:
        nodes = [type(node) for node in (screen.app, screen.app.screen)]
        bindings = list(bindings_of(*nodes, *map(type, panels_of(screen.app.screen))))
        assert len(bindings) > 20
        shown = await screen.press("question_mark")
        for binding in bindings:
            assert binding.tooltip in shown, binding
        assert "╭ loss" in await screen.press("escape")


async def test_help_scrolls_where_it_does_not_fit() -> None:
    async with opened(ONE, SMALL) as screen:
        top = await screen.press("question_mark")
        assert "lay the run over" not in top
        assert "lay the run over" in await screen.press("end")


async def test_commands_are_what_the_keys_do_and_no_themes_of_textual() -> None:
    async with opened(ONE) as screen:
        screen_before = screen.app.screen
        commands = {c.title for c in screen.app.get_system_commands(screen_before)}
        assert {"Keys", "Quit", "Theme: dark", "Theme: light", "Pause", "Log y"} <= commands
        palette = await screen.press("ctrl+p")
        assert "Keys" in palette
        assert "nord" not in palette
        assert "textual" not in palette.lower()
        await screen.press(*"theme: light")
        await screen.app.workers.wait_for_complete()
        await screen.press("enter")
        assert screen.app.theme == "light"


async def test_n_goes_from_finding_to_finding_and_shift_n_back() -> None:
    async with opened(ONE) as screen:
        first = await screen.press("n")
        second = await screen.press("escape", "n")
        assert first != second
        assert await screen.press("escape", "N") == first
        assert await screen.press("escape", "N") == second, "it goes around"


async def test_the_cursor_of_the_findings_opens_the_one_it_stands_on() -> None:
    async with opened(ONE) as screen:
        screen.app.screen.query_one("#findings").focus()
        assert "overfitting" in await screen.press("j", "enter")


async def test_a_finding_that_is_acknowledged_leads_no_more_until_it_is_taken_back() -> None:
    async with opened(ONE) as screen:
        screen.app.screen.query_one("#findings").focus()
        before = screen.text
        assert "▲ loader-spikes" in verdict_of(screen)
        await screen.press("a")
        assert "▲ overfitting" in verdict_of(screen)
        assert "1 open  1 known" in screen.text
        assert "▲ loader-spikes since step 23  acknowledged  " in screen.text
        assert (await screen.press("a")) == before, "the cursor stayed on it"


async def test_when_all_is_known_the_verdict_says_that_nothing_is_new() -> None:
    async with opened(view_of(BROKEN)) as screen:
        screen.app.screen.query_one("#findings").focus()
        await screen.press("a")
        assert "● nothing new: 1 acknowledged, nothing else found" in verdict_of(screen)


async def test_a_finding_that_is_muted_counts_for_nothing_and_goes_to_the_end() -> None:
    async with opened(ONE) as screen:
        screen.app.screen.query_one("#findings").focus()
        await screen.press("m")
        assert "▲ overfitting" in verdict_of(screen)
        assert "1 open  1 muted" in screen.text
        await screen.press("k", "m")
        assert "✓ well: nothing found" in verdict_of(screen)
        assert "0 open  2 muted" in screen.text


async def test_on_the_card_too_a_finding_is_acknowledged_or_muted() -> None:
    async with opened(ONE) as screen:
        card = await screen.press("n")
        assert "a acknowledge   m mute" in card
        known = await screen.press("a")
        assert "▲ loader-spikes  in baseline  acknowledged" in known
        assert "▲ loader-spikes  in baseline  muted" in await screen.press("m")
        assert await screen.press("m") == card
        assert "▲ loader-spikes" in (await screen.press("escape")).splitlines()[1]


async def test_new_records_change_nothing_of_what_was_said() -> None:
    async with opened(view_of(BROKEN)) as screen:
        screen.app.screen.query_one("#findings").focus()
        await screen.press("a")
        await screen.show(view_of(BROKEN, revision=2))
        assert "nothing new" in verdict_of(screen)


async def test_what_was_said_is_remembered_for_the_next_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened(view_of(BROKEN), remember=True) as screen:
        screen.app.screen.query_one("#findings").focus()
        await screen.press("m")
    async with opened(view_of(BROKEN), remember=True) as screen:
        assert "✓ well" in verdict_of(screen)


async def test_what_cannot_be_remembered_is_told_and_holds_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trainmon").write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened(view_of(BROKEN), remember=True) as screen:
        screen.app.screen.query_one("#findings").focus()
        await screen.press("m")
        assert "✓ well" in verdict_of(screen)
        (notice,) = {notice.message for notice in screen.app._notifications}  # noqa: SLF001 - Textual has no public list of them
        assert "attention.json" in notice


async def test_what_is_lost_while_recording_is_told_once() -> None:
    lost = ["incidents are lost"]
    async with opened(ONE, notices=lambda: lost) as screen:
        await screen.show(TWO)
        told = [notice.message for notice in screen.app._notifications]  # noqa: SLF001 - as above
        assert told == lost


async def test_a_well_run_has_nothing_to_explain() -> None:
    async with opened(view_of(DROPOUT)) as screen:
        assert "✓ well" in screen.text.splitlines()[1]
        before = screen.text
        assert await screen.press("n") == before


async def test_another_run_is_looked_at_with_j_and_enter() -> None:
    async with opened(view_of(BASELINE, BROKEN)) as screen:
        screen.app.screen.query_one("#runs").focus()
        await screen.press("j")
        assert "baseline" in screen.text.splitlines()[0]
        await screen.press("enter")
        header, verdict = screen.text.splitlines()[:2]
        assert "broken" in header
        assert "● non-finite" in verdict
        await screen.press("k", "enter")
        assert "baseline" in screen.text.splitlines()[0]


async def test_space_lays_a_run_over_and_takes_it_away() -> None:
    async with opened(TWO) as screen:
        screen.app.screen.query_one("#runs").focus()
        assert not shows(screen, Ink.OTHER_1)
        assert "+ more-dropout" in await screen.press("j", "space")
        assert shows(screen, Ink.OTHER_1)
        await screen.press("space")
        assert not shows(screen, Ink.OTHER_1)


async def test_q_quits_and_ends_the_feed() -> None:
    async with opened(ONE) as screen:
        await screen.press("q")
        assert not screen.app.is_running
    assert screen.feed.stopped
    assert screen.app.return_code == 0


@pytest.mark.parametrize("keys", [("n",), ("question_mark",), ("slash",), ("slash", "enter")])
async def test_q_closes_what_lies_over_the_screen_or_is_a_letter(keys: tuple[str, ...]) -> None:
    async with opened(ONE) as screen:
        await screen.press(*keys, "q")
        assert screen.app.is_running
