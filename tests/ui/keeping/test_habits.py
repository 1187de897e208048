"""The screen of a log folder opens as it was left."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.opened import opened
from tests.ui.scenes import healthy, overfitting, run_of, view_of
from trainmon.ui.desk import Desk
from trainmon.ui.keeping.habits import Habits, Screens
from trainmon.ui.pages import load

LEFT = Habits(
    "metrics",
    0.9,
    log_y=True,
    robust=False,
    x_kind="epoch",
    pins=("val/f1",),
    metric_filter="val/*",
    run_filter="lr>1e-3",
    run_order="best",
    log_search="loss",
)


def test_what_was_left_comes_back_for_the_same_paths_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / "screens.json"
    assert Screens([tmp_path / "logs"], file).write(LEFT) == ""
    assert Screens([tmp_path / "logs"], file).read() == LEFT
    assert Screens([tmp_path / "runs"], file).read() == Habits()


def test_a_desk_is_settled_as_it_was_left() -> None:
    desk = Desk()
    LEFT.settle(desk)
    assert Habits.of(desk, "metrics") == LEFT


def test_the_folders_left_first_are_forgotten_first(tmp_path: Path) -> None:
    file = tmp_path / "screens.json"
    for number in range(210):
        Screens([tmp_path / str(number)], file).write(LEFT)
    assert Screens([tmp_path / "0"], file).read() == Habits()
    assert Screens([tmp_path / "209"], file).read() == LEFT
    assert len(json.loads(file.read_bytes())) == 200


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b"{", b'{"%s": 3}', b'{"%s": {"page": [], "smooth": {}}}']
)
def test_a_file_that_is_not_ours_is_as_if_nothing_was_left(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "screens.json"
    file.write_bytes(content.replace(b"%s", str((tmp_path / "logs").resolve()).encode()))
    assert Screens([tmp_path / "logs"], file).read() == Habits()


def test_what_makes_no_sense_is_left_out_and_the_rest_holds() -> None:
    nonsense = {"page": "nosuch", "smooth": 3, "x_kind": "moon", "run_order": "luck"}
    filters = {"metric_filter": 7, "run_filter": ["a"], "log_search": None}
    told = Habits.told(nonsense | filters | {"log_y": True, "pins": ["a\x1b[2J", 1]})
    assert told == replace(Habits(), log_y=True, pins=told.pins)
    assert len(told.pins) == 2
    assert not any("\x1b" in name for name in told.pins)


def test_a_filter_from_the_file_is_never_longer_or_wilder_than_one_that_was_typed() -> None:
    told = Habits.told({"metric_filter": "x" * 10_000, "run_filter": "a\x1b[2Jb"})
    assert len(told.metric_filter) == 200
    assert "\x1b" not in told.run_filter


def test_a_folder_whose_name_is_no_text_is_remembered_like_any_other(tmp_path: Path) -> None:
    file, logs = tmp_path / "screens.json", tmp_path / os.fsdecode(b"logs\xff")
    assert Screens([logs], file).write(LEFT) == ""
    assert Screens([logs], file).read() == LEFT


def test_a_link_that_leads_in_a_circle_is_no_reason_not_to_open(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    assert Screens([circle], tmp_path / "screens.json").read() == Habits()


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    told = Screens([tmp_path], tmp_path / "state" / "screens.json").write(LEFT)
    assert told.startswith("how the screen was left is forgotten: ")


async def test_the_screen_opens_on_the_page_and_with_the_charts_as_they_were_left(
    tmp_path: Path,
) -> None:
    view, file = view_of(run_of(overfitting())), tmp_path / "screens.json"
    async with opened(view, screens=Screens([tmp_path], file)) as screen:
        await screen.press("s", "y", "2", "q")
    async with opened(view, screens=Screens([tmp_path], file)) as screen:
        assert isinstance(screen.app.screen, load("metrics"))
        assert "log, smoothed 0.9" in await screen.press("1")


SEVERAL = view_of(run_of(overfitting()), run_of(healthy(), "other"))


async def test_filters_of_metrics_and_runs_and_the_search_of_the_log_are_as_they_were_left(
    tmp_path: Path,
) -> None:
    screens = Screens([tmp_path], tmp_path / "screens.json")
    async with opened(SEVERAL, screens=screens) as screen:
        screen.app.screen.query_one("#runs").focus()
        await screen.press("r", "slash", *"base", "enter")
        await screen.press("2", "slash", *"val", "enter")
        await screen.press("9", "slash", *"epoch4", "enter", "1", "q")
    async with opened(SEVERAL, screens=screens) as screen:
        assert "runs  base  by health" in screen.text
        assert "1 of 2" in screen.text
        assert "1 of 5 match val" in await screen.press("2")
        assert "log  / epoch4" in await screen.press("9")


async def test_a_filter_that_was_left_is_edited_further_and_ended_by_esc_for_good(
    tmp_path: Path,
) -> None:
    screens = Screens([tmp_path], tmp_path / "screens.json")
    async with opened(SEVERAL, screens=screens) as screen:
        await screen.press("2", "slash", *"train", "enter", "q")
    async with opened(SEVERAL, screens=screens) as screen:
        assert "match train/lo" in await screen.press("slash", "end", "slash", *"lo", "enter")
        assert "match" not in await screen.press("escape")
        await screen.press("q")
    assert screens.read().metric_filter == ""
