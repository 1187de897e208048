"""The page of the data: waits, spikes and the loader, and what a person does there with keys."""

from collections.abc import Mapping
from math import isnan, sin
from typing import Any

import numpy as np
import pytest

from tests.ui.opened import SMALL, WIDE, opened
from tests.ui.scenes import (
    CONFIG,
    RULES,
    START,
    header,
    overfitting,
    run_of,
    scene_of,
    short,
    view_of,
)
from trainmon.run import Run
from trainmon.store.batch import Record, batch_of
from trainmon.ui.curves.window import Window
from trainmon.ui.panels.loader import draw_loader
from trainmon.ui.panels.wait_histogram import draw_wait_histogram
from trainmon.ui.panels.wait_share import draw_wait_share
from trainmon.ui.panels.wait_times import draw_wait_times
from trainmon.ui.panels.worst_waits import draw_worst_waits
from trainmon.ui.scene import Settings
from trainmon.ui.waits import waits_of, worst_of
from trainmon.view import RunView

LOADER = {
    **CONFIG,
    "num_workers": 12,
    "prefetch_factor": 4,
    "batch_size": 64,
    "shuffle": True,
    "pin_memory": False,
    "train_samples": 38_400,
}
STEPS = 600
PERIOD = 24


def waiting(config: Mapping[str, Any] = LOADER, *, spikes: bool = True) -> list[Record]:
    """Return a log of a loader that stalls at every 24th batch, longer each time."""
    records = [header(config=config)]
    time = START
    for step in range(1, STEPS + 1):
        wait = 0.005 + 0.001 * sin(step)
        if spikes and step % PERIOD == 0:
            wait = 0.2 + 0.0001 * step
        time += 0.1 + wait
        record = {
            "step": step,
            "time": time,
            "train/loss": 1.0 / step,
            "data_time": wait,
            "step_time": 0.1 + wait,
            "sys/cpu": 0.95,
            "sys/mem_used": 400.0 * 2**30,
            "sys/gpu0/util": 0.1,
            "sys/gpu1/util": 0.3,
        }
        if step % 300 == 0:
            record |= {"data/distinct_fraction": 0.5, "data/batches_expected": 300.0}
        records.append(record)
    return records


RUN = run_of(waiting())
VIEW = view_of(RUN)


def run_without_rules(records: list[Record]) -> RunView:
    """Return a run of which nothing was found."""
    run = run_of(records)
    assert not [finding for finding in run.findings if finding.rule == "loader-spikes"]
    return run


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_data_page_tells_the_rhythm_and_the_worst_waits(size: tuple[int, int]) -> None:
    async with opened(VIEW, size) as screen:
        text = await screen.press("4")
        assert "spikes every 24 batches, 2 x the 12 workers" in text
        assert "median 5.1 ms" in text
        assert "1   600  260 ms" in text
        assert "batch_size          64" in text
        assert "distinct samples    50 %" in text


async def test_a_wide_terminal_has_the_share_of_time_and_the_whole_table() -> None:
    async with opened(VIEW) as screen:
        text = await screen.press("4")
        assert "╭ time waiting" in text
        assert "95 %  400 GB  20 %" in text, "the GPUs in the mean"
        assert "held ready          48 batches" in text
        assert "▲ loader-spikes" in text.split("╭ loader")[1]
    async with opened(VIEW, SMALL) as screen:
        assert "╭ time waiting" not in await screen.press("4")


async def test_a_log_without_waits_teaches_the_line_that_tells_them() -> None:
    async with opened(view_of(run_of(short()))) as screen:
        text = await screen.press("4")
        assert "no waits in this log:" in text
        assert "for batch in log.batches(loader)" in text


async def test_enter_gives_all_room_to_one_panel_and_esc_takes_it_back() -> None:
    async with opened(VIEW) as screen:
        before = await screen.press("4")
        for _ in range(5):
            assert (await screen.press("enter")).count("╭") == 1
            assert await screen.press("escape", "tab", "shift+tab") != ""
            await screen.press("tab")
        assert len(before.splitlines()) == WIDE[1]


async def test_new_waits_reach_the_page() -> None:
    async with opened(view_of(run_of(waiting()[:200]))) as screen:
        assert "199 waits" in await screen.press("4")
        await screen.show(view_of(RUN, revision=2))
        assert "600 waits" in screen.text


async def test_zooming_counts_what_is_in_sight_alone() -> None:
    async with opened(VIEW) as screen:
        await screen.press("4", "plus")
        assert "600 waits" not in screen.text
        assert "600 waits" in await screen.press("0")


def test_the_worst_are_those_that_the_rule_tells() -> None:
    spikes = worst_of(RUN, Settings())
    assert [spike.number for spike in spikes] == [1, 2, 3, 4, 5]
    assert [spike.step for spike in spikes] == [600, 576, 552, 528, 504]
    assert [spike.place for spike in spikes] == [600, 576, 552, 528, 504]
    assert spikes[0].gpu == pytest.approx(0.2)


def test_without_a_finding_the_longest_waits_are_told_with_the_machine_as_logged() -> None:
    records = waiting(spikes=False)
    records[101]["data_time"] = 0.5
    spikes = worst_of(run_without_rules(records), Settings())
    assert (spikes[0].step, spikes[0].wait) == (101, 0.5)
    assert spikes[0].machine["cpu"] == 0.95
    assert len(spikes) == 5


def test_waits_that_are_not_finite_are_no_spikes() -> None:
    records: list[Record] = [{"step": k, "data_time": "NaN" if k % 2 else 0.01} for k in range(20)]
    run = run_without_rules(records)
    waits = waits_of(run, Settings())
    assert waits is not None
    assert (len(waits.y), len(waits.recent)) == (20, 10)
    assert all(not isnan(spike.wait) for spike in worst_of(run, Settings()))


def test_a_window_leaves_out_the_waits_outside_of_it() -> None:
    waits = waits_of(RUN, Settings(window=Window(0.5, 1.0)))
    assert waits is not None
    assert len(waits.y) == pytest.approx(STEPS / 2, abs=2)


def test_the_share_is_that_of_time_and_not_of_steps() -> None:
    steps = np.arange(1, 1_001)
    records: list[Record] = [
        {
            "step": int(k),
            "data_time": 99.0 if k == 500 else 0.0,
            "step_time": 99.1 if k == 500 else 0.1,
        }
        for k in steps
    ]
    text = draw_wait_share(scene_of(view_of(run_of(records))), 9, 60).text()
    assert "of the whole run 50 %" in text


def test_a_share_needs_both_times_of_a_step() -> None:
    records: list[Record] = [{"step": k, "data_time": 0.1} for k in range(9)]
    text = draw_wait_share(scene_of(view_of(run_of(records))), 9, 60).text()
    assert "no waits and steps" in text


def test_what_all_ranks_share_is_told_once() -> None:
    run = Run("ddp", "ddp", "logs/ddp", RULES)
    for rank in range(3):
        run.take(rank, batch_of(waiting()))
    run.judge()
    text = draw_loader(scene_of(view_of(run.view(live=True))), 20, 80).text()
    assert text.count("loader-spikes") == 1
    assert "loader-spikes on 3 ranks" in text


def test_settings_that_are_not_told_are_left_out() -> None:
    text = draw_loader(scene_of(view_of(run_of(overfitting()))), 12, 60).text()
    assert "num_workers         4" in text
    assert "shuffle" not in text


def test_a_run_that_tells_nothing_of_its_loader_says_what_would() -> None:
    text = draw_loader(scene_of(view_of(run_of(short()))), 8, 60).text()
    assert "for batch in log.batches(loader)" in text


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 9), (5, 20), (11, 13), (60, 200)])
def test_all_of_it_is_drawn_at_every_size(size: tuple[int, int]) -> None:
    scene = scene_of(VIEW)
    for draw in (
        *(draw_loader, draw_wait_histogram, draw_wait_share),
        *(draw_wait_times, draw_worst_waits),
    ):
        assert draw(scene, *size).chars.shape == size
