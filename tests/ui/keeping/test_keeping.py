"""What a person takes away from the screen: pictures, series, texts."""

from pathlib import Path

import pytest

from tests.ui.opened import Opened, opened
from tests.ui.scenes import healthy, overfitting, run_of, view_of
from trainmon.ui.keeping.saving import free_path

ONE = view_of(run_of(overfitting(), "my run/1"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder of this test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(screen: Opened) -> list[str]:
    return [notice.message for notice in screen.app._notifications]  # noqa: SLF001 - Textual has no public list of them


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def remove(folder: Path) -> None:
    folder.rmdir()


async def test_w_saves_a_picture_of_the_page_and_never_over_another(here: Path) -> None:
    async with opened(ONE) as screen:
        await screen.press("w", "2", "w", "w")
        names = ["overview", "metrics", "metrics-2"]
        assert files(here) == sorted(f"trainmon-my-run-1-{name}.svg" for name in names)
        assert told(screen)[0] == "saved trainmon-my-run-1-overview.svg"
        for name, words in (("overview", "learning"), ("metrics", "grad_norm")):
            assert words in (here / f"trainmon-my-run-1-{name}.svg").read_text(encoding="utf-8")


async def test_shift_w_saves_the_series_as_csv(here: Path) -> None:
    async with opened(ONE) as screen:
        await screen.press("W")
        await screen.app.workers.wait_for_complete()
        await screen.pilot.pause()
        assert files(here) == ["trainmon-my-run-1.csv"]
        records = ONE.runs[0].records
        assert told(screen) == [f"saved {records} records as trainmon-my-run-1.csv"]


async def test_where_nothing_can_be_written_that_is_told(here: Path) -> None:
    async with opened(ONE) as screen:
        remove(here)
        await screen.press("w", "W")
        await screen.app.workers.wait_for_complete()
        await screen.pilot.pause()
        first, second = told(screen)
        assert first == "the picture cannot be saved: No such file or directory"
        assert second == "the series cannot be saved: No such file or directory"


async def test_c_copies_the_finding_under_the_cursor_with_what_to_do() -> None:
    async with opened(ONE) as screen:
        await screen.press("c")
        copied = screen.app.clipboard.splitlines()
        assert copied[0].startswith("▲ loader-spikes since step 23: ")
        assert copied[1].startswith("to do: ")
        assert copied[2] == "run: my run/1 (logs/my run/1)"


async def test_where_there_is_no_finding_the_run_is_copied() -> None:
    async with opened(view_of(run_of(healthy()))) as screen:
        await screen.press("c")
        assert screen.app.clipboard == "baseline (logs/baseline)"


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    for expected in ("trainmon-a.csv", "trainmon-a-2.csv", "trainmon-a-3.csv"):
        path = free_path(tmp_path, "a", "", ".csv")
        assert path.name == expected
        path.touch()
