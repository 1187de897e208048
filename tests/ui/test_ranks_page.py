"""The page of the ranks: processes side by side, and what a person does there with keys."""

from math import exp, sin

import numpy as np
import pytest

from tests.ui.opened import SMALL, WIDE, Opened, opened
from tests.ui.scenes import CONFIG, RULES, START, header, overfitting, run_of, scene_of, view_of
from trainmon.liveness import Process
from trainmon.rules import load
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.ui.charts.scale import Scale
from trainmon.ui.panels.rank_spread import RankSpreadPanel, draw_rank_spread
from trainmon.ui.panels.rank_strips import draw_rank_strips
from trainmon.ui.panels.rank_table import draw_rank_table
from trainmon.ui.ranks.rank_folding import Folding, folded_rows
from trainmon.ui.ranks.rank_measures import (
    RankChoice,
    alone,
    courses,
    level,
    measures_of,
    range_of,
    slowest,
    spread,
)
from trainmon.ui.scene import Settings
from trainmon.view import RunView, View

STEPS = 400


def ranks(
    count: int = 4, *, slow: int | None = 2, judged: bool = True, work: bool = True
) -> RunView:
    """Return a run of several ranks, one of which becomes slow in the middle."""
    rules = [*RULES, load("straggler-rank")] if judged else []
    run = Run("ddp", "ddp", "logs/ddp", rules)
    run.format, run.grew, run.process = "trainmon", START, Process.ALIVE
    for rank in range(count):
        place = {"rank": rank, "world_size": count, "host": f"node-{rank // 4}"}
        records: list[Record] = [{"trainmon": 1, "time": START, "config": CONFIG, **place}]
        for step in range(1, STEPS + 1):
            is_slow = rank == slow and step > STEPS / 4
            record = {
                "step": step,
                "time": START + 0.1 * step,
                "train/loss": exp(-step / 200) + 0.01 * sin(step + rank),
                "grad_norm": 1.0 + 0.1 * sin(3 * step + rank),
                "step_time": 0.17,
            }
            if work:
                record["work_time"] = (0.16 if is_slow else 0.1) + 0.001 * sin(step * (rank + 2))
            records.append(record)
        run.take(rank, batch_of(records))
    run.judge()
    run.compare_ranks(live=True)
    return run.view(live=True)


RUN = ranks()
VIEW = view_of(RUN)


def spread_box(screen: Opened) -> str:
    """Return the line of the screen that holds the title of the spread."""
    at = screen.app.screen.query_one(RankSpreadPanel).region.y
    return screen.text.splitlines()[at]


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_slow_rank_is_named_with_its_glyph_and_its_strip_stands_out(
    size: tuple[int, int],
) -> None:
    async with opened(VIEW, size) as screen:
        text = await screen.press("6")
        assert "▲ rank 2 (node-0, process 2) needs 0.16 s" in text
        strip = next(line for line in text.splitlines() if "▲ rank 2 " in line and "█" in line)
        assert "████████" in strip
        assert "160 ms" in strip
        assert "! 1.60" in text, "the table says so in numbers"


async def test_a_wide_terminal_shows_several_measures_below_one_another() -> None:
    async with opened(VIEW) as screen:
        text = await screen.press("6")
        for title in ("work time", "step time", "loss"):
            assert f"\n│ {title} " in text
        assert text.count("rank 3 ") == 3
        assert "spread of work time" in spread_box(screen)


async def test_g_puts_the_next_measure_first_and_goes_around() -> None:
    async with opened(VIEW, SMALL) as screen:
        before = await screen.press("6")
        assert "\n│ work time " in before
        assert "\n│ step time " in await screen.press("g")
        assert "\n│ loss " in await screen.press("g")
        assert "\n│ gradient norm " in await screen.press("g")
        assert await screen.press("g") == before


async def test_the_spread_follows_the_measure() -> None:
    async with opened(VIEW) as screen:
        await screen.press("6", "g", "g")
        assert "spread of loss" in spread_box(screen)


async def test_the_cross_hair_tells_the_ranks_as_they_were_there() -> None:
    async with opened(VIEW) as screen:
        assert "160 ms" in (await screen.press("6")).split("rank by rank")[0]
        text = (await screen.press("v", *["left"] * 90)).split("rank by rank")[0]
        assert "╭ ranks  at step" in text
        assert "160 ms" not in text


async def test_many_ranks_scroll_around_the_cursor_in_strips_and_table() -> None:
    async with opened(view_of(ranks(40, slow=None, judged=False))) as screen:
        text = await screen.press("6", "home")
        assert "rank 0 " in text
        assert "rank 39 " not in text
        text = await screen.press("end")
        assert text.count("rank 39 ") == 1
        assert "\n│     39 " in text
        text = await screen.press("home", "pagedown", "j", "down", "k", "up", "pageup")
        assert "rank 0 " in text


async def test_a_rank_that_is_clicked_is_looked_at() -> None:
    async with opened(VIEW) as screen:
        before = await screen.press("6")
        await screen.pilot.click("#rank-strips", offset=(10, 4))
        await screen.press()
        colors = screen.strips
        await screen.pilot.click("#rank-strips", offset=(10, 14))
        await screen.press()
        assert screen.strips == colors, "the same rank in the strip of another measure"
        assert screen.text == before


async def test_a_single_process_is_said_to_be_one() -> None:
    async with opened(view_of(run_of(overfitting()))) as screen:
        assert "one process: there are no ranks to compare" in await screen.press("6", "g", "j")


async def test_processes_that_do_not_log_are_taught_to() -> None:
    run = run_of([header(world_size=8), {"step": 1, "loss": 1.0}])
    async with opened(view_of(run)) as screen:
        text = await screen.press("6")
        assert "8 processes train, of which one has logged:" in text
        assert "log = Writer(folder) # in each" in text


async def test_before_the_first_record_nothing_is_claimed() -> None:
    async with opened(View(0, 0.0)) as screen:
        assert "process" not in await screen.press("6", "j", "g")


async def test_enter_gives_all_room_to_one_panel_and_esc_takes_it_back() -> None:
    async with opened(VIEW) as screen:
        before = await screen.press("6")
        for panel in ("#rank-strips", "#rank-table", "#rank-spread"):
            screen.app.screen.query_one(panel).focus()
            assert (await screen.press("enter")).count("╭") == 1
            assert (await screen.press("escape")).count("╭") == 3
        screen.app.screen.query_one("#rank-strips").focus()
        assert await screen.press() == before


async def test_a_rank_that_joins_late_comes_into_view() -> None:
    async with opened(view_of(ranks(2, slow=None))) as screen:
        assert "rank 2 " not in await screen.press("6")
        await screen.show(view_of(ranks(3, slow=None), revision=2))
        assert "rank 2 " in screen.text


def test_without_a_finding_the_longest_work_time_is_the_slowest() -> None:
    found = slowest(ranks(4, judged=False))
    assert found is not None
    assert (found.rank, found.finding) == (2, None)
    assert found.times == pytest.approx(1.6, abs=0.05)
    text = draw_rank_strips(scene_of(view_of(ranks(4, judged=False))), 20, 100).text()
    assert "slowest rank 2 (node-0)  1.6 x the middle rank's work time" in text


def test_without_work_times_nobody_is_called_slow() -> None:
    run = ranks(2, work=False)
    assert slowest(run) is None
    assert "tells which rank is slowest" in draw_rank_strips(scene_of(view_of(run)), 20, 100).text()


def test_a_measure_takes_two_ranks_that_tell_it() -> None:
    assert [each.title for each in measures_of(RUN)] == [
        *("work time", "step time", "loss", "gradient norm")
    ]
    assert measures_of(run_of(overfitting())) == []
    assert alone(RUN) == ""


def test_ranks_are_compared_at_the_same_steps() -> None:
    found = courses(RUN, "work_time", Settings())
    places, percent = spread(found, Scale(0, STEPS), 40)
    assert len(places) == 40
    assert percent[places < STEPS / 4 - 10].max() < 3
    assert percent[places > STEPS / 4 + 10].min() > 50


def test_of_very_many_ranks_those_furthest_apart_are_compared() -> None:
    run = ranks(100, slow=50, judged=False)
    found = courses(run, "work_time", Settings())
    assert len(found) == 64
    _, percent = spread(found, Scale(0, STEPS), 40)
    assert percent[-1] > 50, "the slow one is among them"


def test_one_rank_alone_has_no_spread() -> None:
    places, percent = spread(courses(RUN, "work_time", Settings())[:1], Scale(0, STEPS), 40)
    assert len(places) == len(percent) == 0


def test_a_level_that_is_not_told_is_nan() -> None:
    assert np.isnan(level(RUN.lead, "no such metric"))
    assert level(RUN.lanes[2], "work_time") == pytest.approx(0.16, abs=0.002)


def test_a_range_is_logarithmic_where_it_is_wide() -> None:
    loss, work = measures_of(RUN)[2], measures_of(RUN)[0]
    assert not range_of(RUN, work)[1]
    assert range_of(RUN, loss)[0][0] <= 0.2


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (4, 20), (6, 7), (8, 40), (60, 200)])
def test_all_of_it_is_drawn_at_every_size(size: tuple[int, int]) -> None:
    scene = scene_of(VIEW)
    for draw in (draw_rank_spread, draw_rank_strips, draw_rank_table):
        assert draw(scene, *size, RankChoice("loss", 3)).chars.shape == size


MANY = ranks(64, slow=40)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_many_ranks_are_folded_and_those_in_trouble_stand_first(
    size: tuple[int, int],
) -> None:
    async with opened(view_of(MANY), size) as screen:
        text = await screen.press("6")
        rows = [line for line in text.splitlines() if "█" in line]
        assert any("▲ rank 40 " in row for row in rows)
        assert any("max: 40 " in row for row in rows)
        assert " median " in text
        assert " min: " in text
        assert "the worst ranks" in text
        assert "rank 0 " not in text


async def test_down_leads_from_the_fold_to_the_worst_rank_and_f_back() -> None:
    async with opened(view_of(MANY)) as screen:
        folded = await screen.press("6")
        text = await screen.press("down")
        assert "rank 39 " in text
        assert "max: " not in text
        assert (await screen.press("f")) == folded


def test_the_rows_of_a_fold_hold_every_rank_once() -> None:
    folding = Folding.of(MANY, 20)
    assert folding.rows == 20
    assert folding.named == (40,)
    told = [rank for first, stop in folding.stretches for rank in range(first, stop)]
    assert told == list(range(64))


@pytest.mark.parametrize("rows", range(8))
def test_a_fold_has_no_more_rows_than_there_is_room_for(rows: int) -> None:
    assert Folding.of(MANY, rows).rows <= rows


def test_a_rank_that_told_nothing_has_a_row_that_says_so() -> None:
    run = Run("ddp", "ddp", "logs/ddp", [load("rank-desync")])
    for rank in range(32):
        if rank == 9:
            continue
        place = {"rank": rank, "world_size": 32}
        steps: list[Record] = [{"step": n, "train/loss": 1 / (n + 1 + rank)} for n in range(60)]
        run.take(rank, batch_of([{"trainmon": 1, "time": START, **place}, *steps]))
    run.judge()
    run.compare_ranks(live=False)
    view = run.view(live=True)
    rows = folded_rows(Settings(), view, measures_of(view)[0], Folding.of(view, 10))
    assert rows[0].label[1][0] == "rank 9"
    assert rows[0].tail[0][0].strip() == "absent"
    assert "told nothing at all" in draw_rank_strips(scene_of(view_of(view)), 16, 100).text()


def test_a_clock_that_is_ahead_stands_in_the_table() -> None:
    run = Run("ddp", "ddp", "logs/ddp", [])
    for rank in range(4):
        clock = START + 90.0 * (rank // 2)
        header: Record = {"trainmon": 1, "time": clock, "rank": rank, "world_size": 4}
        steps: list[Record] = [
            {"step": n, "time": clock + n, "work_time": 0.1, "train/loss": 1.0} for n in range(60)
        ]
        run.take(rank, batch_of([header, *steps]))
    run.judge()
    text = draw_rank_table(scene_of(view_of(run.view(live=True))), 10, 100).text()
    assert "clock" in text
    assert text.count("+90 s") == 2
