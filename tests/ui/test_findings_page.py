"""What a person does on the findings page."""

from dataclasses import replace

from textual.events import MouseScrollDown, MouseScrollUp

from tests.ui.opened import SMALL, Opened, opened
from tests.ui.scenes import MACHINE, healthy, overfitting, run_of, view_of
from trainmon.view import View

LARGE = (200, 60)

BASELINE = run_of(overfitting())
ONE = view_of(BASELINE, machine=MACHINE)


async def on_the_page(screen: Opened, *keys: str) -> str:
    return await screen.press("7", *keys)


async def test_the_worst_finding_is_selected_and_its_card_is_there_at_once() -> None:
    async with opened(ONE, LARGE) as screen:
        text = await on_the_page(screen)
        assert "╭ findings ─" in text
        assert "╭ loader-spikes ─" in text
        assert "data_time  around its onset" in text
        assert "likely cause: the data loader stalls" in text


async def test_the_card_keeps_facts_apart_from_what_they_may_mean() -> None:
    async with opened(ONE, LARGE) as screen:
        text = await on_the_page(screen, "j")
        facts = [line[:80] for line in text.splitlines()]
        meaning = "\n".join(line[80:] for line in text.splitlines())
        assert any(line.startswith("│ measured") for line in facts)
        for told in ("likely cause: the model overfits", "what would disprove it:", "to tell:"):
            assert told in meaning
        assert "when it stays quiet" in meaning
        assert "trainmon explain overfitting" in meaning


async def test_j_and_k_choose_the_card_and_the_choice_holds_on_the_overview() -> None:
    async with opened(ONE) as screen:
        assert "╭ overfitting ─" in await on_the_page(screen, "j")
        assert "╭ loader-spikes ─" in await screen.press("k")
        assert "╭ overfitting ─" in await screen.press("down", "down")


async def test_what_was_looked_at_and_what_could_not_be_is_told_with_the_code_for_it() -> None:
    async with opened(ONE, LARGE) as screen:
        text = await on_the_page(screen)
        assert "✓ in order" in text
        assert "loss-spike, non-finite" in text
        assert "? could not be judged" in text
        assert '→ log.evaluation("val", targets, scores, step=step)' in text


async def test_a_well_run_tells_what_was_looked_at_and_no_key_does_anything() -> None:
    async with opened(view_of(run_of(healthy()))) as screen:
        text = await on_the_page(screen)
        assert "what was looked at" in text
        assert "overfitting" in text
        assert (await screen.press("j", "enter", "a", "m", "pagedown", "pageup")) == text


async def test_before_the_first_record_there_is_nothing_to_choose() -> None:
    async with opened(View(0, 0.0)) as screen:
        text = await on_the_page(screen)
        assert (await screen.press("j", "enter", "a", "pagedown")) == text


async def test_a_finding_is_acknowledged_or_muted_here_and_goes_below() -> None:
    async with opened(ONE) as screen:
        lines = (await on_the_page(screen, "a")).splitlines()
        listed = [line.strip("│ ").split("  ")[0] for line in lines[4:7]]
        assert listed == ["▲ overfitting", "known", "▲ loader-spikes"]
        assert "▲ loader-spikes  in baseline  acknowledged" in screen.text
        assert "muted" in await screen.press("m")


async def test_on_a_small_terminal_the_card_scrolls_below_the_list() -> None:
    async with opened(ONE, SMALL) as screen:
        text = await on_the_page(screen)
        assert "lines ╮" in text
        for _ in range(6):
            await screen.press("pagedown")
        assert "lines ╮" not in screen.text
        assert "╭ findings ─" in screen.text
        assert "log.evaluation" in screen.text
        assert "measured" not in screen.text
        assert "▲ overfitting  in baseline" in await screen.press("j"), "a new card from its top"


async def test_the_wheel_scrolls_the_card() -> None:
    async with opened(ONE, SMALL) as screen:
        before = await on_the_page(screen)
        card = screen.app.screen.query_one("#finding-card")
        for turn in (MouseScrollDown, MouseScrollUp):
            await screen.pilot._post_mouse_events([turn], card)  # noqa: SLF001 - Textual has no public wheel
            await screen.pilot.pause()
            assert (screen.text == before) is (turn is MouseScrollUp)


async def test_enter_opens_the_card_over_the_page_and_escape_leads_back() -> None:
    async with opened(ONE) as screen:
        before = await on_the_page(screen, "j")
        assert "a acknowledge   m mute" in await screen.press("enter")
        assert (await screen.press("escape")) == before


async def test_the_card_over_another_page_has_the_picture_too_where_it_hides_nothing() -> None:
    async with opened(ONE) as screen:
        card = await screen.press("n", "n")
        assert "around its onset" not in card
        assert "likely cause: the model overfits" in card
    async with opened(ONE, LARGE) as screen:
        card = await screen.press("n", "n")
        assert "train/loss  val/loss  around its onset" in card
        assert "▲ began" in card
        assert "◇ told" in card
        longer = [*overfitting(), {"step": 1_000, "train/loss": 0.3}]
        await screen.show(view_of(run_of(longer), revision=2))
        assert "around its onset" in screen.text


async def test_the_card_of_a_finding_about_no_curve_has_no_picture() -> None:
    bare = replace(BASELINE, findings=(replace(BASELINE.findings[0], metric=None),))
    async with opened(view_of(bare), LARGE) as screen:
        card = await screen.press("n")
        assert "measured" in card
        assert "around its onset" not in card


async def test_a_click_chooses_a_finding_and_another_one_opens_it() -> None:
    async with opened(ONE) as screen:
        await on_the_page(screen)
        await screen.pilot.click("#incident-list", offset=(10, 2))
        assert "╭ overfitting ─" in await screen.press()
        await screen.pilot.click("#incident-list", offset=(10, 2))
        assert "a acknowledge   m mute" in await screen.press()


def _on_many_ranks() -> View:
    spike = BASELINE.findings[-1]
    spikes = [replace(spike, rank=rank, cleared=False) for rank in range(1, 38)]
    run = replace(BASELINE, findings=(*BASELINE.findings[:1], *spikes), diagnosis=())
    return view_of(run)


async def test_a_trouble_of_many_ranks_is_one_line_that_opens_and_closes() -> None:
    async with opened(_on_many_ranks(), LARGE) as screen:
        text = await on_the_page(screen, "j")
        assert text.count("on 37 ranks (worst: rank 1)") == 1
        assert "→ each of them" in text
        assert "on 37 ranks: 1-37" in text  # on the card
        text = await screen.press("right")
        assert all(f"rank {rank} " in text for rank in (2, 3, 4))
        assert "on 37 ranks (worst: rank 1)" in await screen.press("left")
        assert "rank 3 " not in screen.text


async def test_what_is_said_of_a_line_is_said_of_all_its_ranks() -> None:
    async with opened(_on_many_ranks(), LARGE) as screen:
        text = await on_the_page(screen, "j", "m")
        assert "1 open" in text
        assert "37 muted" in text


async def test_on_the_overview_a_line_of_many_ranks_is_passed_at_once() -> None:
    async with opened(_on_many_ranks(), LARGE) as screen:
        assert screen.text.count("on 37 ranks (worst: rank 1)") == 1
