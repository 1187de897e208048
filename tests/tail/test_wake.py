"""Announcements end a wait early; their absence and their failure change nothing else."""

from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest

from trainmon.tail import Wake
from trainmon.tail.folder_watcher import FolderWatcher
from trainmon.tail.wake import PATHS_LIMIT, WATCHED_LIMIT

ANSWER_PATIENCE = 20.0
"""Seconds that the system has to announce a change; it takes milliseconds."""


class FakeWatcher:
    """Announces what a test tells it to, and refuses when told so."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[Path] = []
        self.watched: dict[Path, Callable[[Path], None]] = {}
        self.without_writes: list[Path] = []
        self.closed = False

    def watch(self, folder: Path, changed: Callable[[Path], None], *, writes: bool = True) -> None:
        self.asked.append(folder)
        if not writes:
            self.without_writes.append(folder)
        if self.error is not None:
            raise self.error
        self.watched[folder] = changed

    def unwatch(self, folder: Path) -> None:
        del self.watched[folder]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def watcher() -> FakeWatcher:
    return FakeWatcher()


class TestWaiting:
    def test_a_watcher_that_never_fires_leaves_the_wait_to_its_end(self, tmp_path: Path) -> None:
        with Wake(FakeWatcher) as wake:
            wake.watch([tmp_path])
            assert wake.wait(0.0) == frozenset()

    def test_an_announcement_ends_the_wait(self, tmp_path: Path, watcher: FakeWatcher) -> None:
        wake = Wake(lambda: watcher)
        wake.watch([tmp_path])
        watcher.watched[tmp_path](tmp_path / "rank0.jsonl")
        assert wake.wait(inf) == {tmp_path / "rank0.jsonl"}

    def test_many_announcements_of_a_file_are_one(
        self, tmp_path: Path, watcher: FakeWatcher
    ) -> None:
        wake = Wake(lambda: watcher)
        wake.watch([tmp_path])
        for _ in range(100):
            watcher.watched[tmp_path](tmp_path / "rank0.jsonl")
        assert wake.wait(inf) == {tmp_path / "rank0.jsonl"}
        assert wake.wait(0.0) == frozenset()

    def test_a_flood_of_names_is_bounded(self, tmp_path: Path, watcher: FakeWatcher) -> None:
        wake = Wake(lambda: watcher)
        wake.watch([tmp_path])
        for number in range(PATHS_LIMIT + 10):
            watcher.watched[tmp_path](Path(str(number)))
        assert len(wake.wait(inf)) == PATHS_LIMIT

    def test_a_ring_ends_the_wait_without_a_path(self) -> None:
        wake = Wake(FakeWatcher)
        wake.ring()
        assert wake.wait(inf) == frozenset()


class TestWatching:
    def test_nothing_is_started_before_there_is_a_folder(self, tmp_path: Path) -> None:
        made: list[FakeWatcher] = []

        def make() -> FakeWatcher:
            made.append(FakeWatcher())
            return made[-1]

        wake = Wake(make)
        wake.watch([tmp_path / "missing"])
        assert made == []
        (tmp_path / "missing").mkdir()
        wake.watch([tmp_path / "missing"])
        assert made[0].asked == [tmp_path / "missing"]

    def test_only_the_folders_last_given_are_watched(
        self, tmp_path: Path, watcher: FakeWatcher
    ) -> None:
        wake = Wake(lambda: watcher)
        old, kept, new = (tmp_path / name for name in ("old", "kept", "new"))
        for folder in (old, kept, new):
            folder.mkdir()
        wake.watch([old, kept])
        wake.watch([kept, new])
        assert set(watcher.watched) == {kept, new}
        assert watcher.asked == [old, kept, new]

    def test_a_folder_made_again_is_watched_anew(
        self, tmp_path: Path, watcher: FakeWatcher
    ) -> None:
        wake = Wake(lambda: watcher)
        run = tmp_path / "run"
        run.mkdir()
        wake.watch([run])
        run.rename(tmp_path / "moved")
        run.mkdir()
        wake.watch([run])
        assert watcher.asked == [run, run]

    def test_of_a_folder_that_grows_steadily_no_writes_are_asked_for(
        self, tmp_path: Path, watcher: FakeWatcher
    ) -> None:
        wake = Wake(lambda: watcher)
        fast, other = (tmp_path / name for name in ("fast", "other"))
        for folder in (fast, other):
            folder.mkdir()
        wake.watch([fast, other])
        assert watcher.without_writes == []
        for _ in range(2):
            wake.watch([fast, other], steady=[fast])
        assert (watcher.asked, watcher.without_writes) == ([fast, other, fast], [fast])
        wake.watch([fast, other])
        assert (watcher.asked, watcher.without_writes) == ([fast, other, fast, fast], [fast])

    def test_the_first_folders_are_watched_if_there_are_too_many(
        self, tmp_path: Path, watcher: FakeWatcher
    ) -> None:
        folders = [tmp_path / str(number) for number in range(WATCHED_LIMIT + 3)]
        for folder in folders:
            folder.mkdir()
        Wake(lambda: watcher).watch(folders)
        assert watcher.asked == folders[:WATCHED_LIMIT]

    def test_stopping_closes_the_watcher(self, tmp_path: Path, watcher: FakeWatcher) -> None:
        with Wake(lambda: watcher) as wake:
            wake.watch([tmp_path])
            assert not watcher.closed
        assert watcher.closed


class TestRefusal:
    @pytest.mark.parametrize(
        "error",
        [OSError(28, "inotify watch limit reached"), RuntimeError("can't start new thread")],
    )
    def test_a_used_up_limit_is_told_once_and_not_asked_again(
        self, tmp_path: Path, error: Exception
    ) -> None:
        watcher = FakeWatcher(error)
        wake = Wake(lambda: watcher)
        wake.watch([tmp_path, tmp_path.parent])
        wake.watch([tmp_path, tmp_path.parent])
        assert len(watcher.asked) == 1
        (notice,) = wake.take_notices()
        assert str(error) in notice
        assert wake.take_notices() == ()

    def test_a_watcher_that_cannot_start_is_told(self, tmp_path: Path) -> None:
        def make() -> FakeWatcher:
            raise OSError(24, "inotify instance limit reached")

        with Wake(make) as wake:
            wake.watch([tmp_path])
            assert "polling alone" in wake.take_notices()[0]

    def test_a_folder_that_is_not_for_us_spoils_no_other(self, tmp_path: Path) -> None:
        watcher = FakeWatcher(PermissionError(13, "Permission denied"))
        wake = Wake(lambda: watcher)
        wake.watch([tmp_path, tmp_path.parent])
        assert len(watcher.asked) == 2
        assert wake.take_notices() == ()


class TestTheSystem:
    def test_a_new_and_a_grown_file_are_announced_by_name(self, tmp_path: Path) -> None:
        link = tmp_path / "link"
        (tmp_path / "logs").mkdir()
        link.symlink_to("logs")
        with Wake(FolderWatcher) as wake:
            wake.watch([link])
            if wake.take_notices():
                pytest.skip("the system has no watch to give")
            (link / "rank0.jsonl").write_bytes(b"one\n")
            assert wake.wait(ANSWER_PATIENCE) == {link / "rank0.jsonl"}

    def test_without_writes_a_new_file_is_announced_and_no_grown_one(self, tmp_path: Path) -> None:
        (tmp_path / "old.jsonl").write_bytes(b"one\n")
        with Wake(FolderWatcher) as wake:
            wake.watch([tmp_path], steady=[tmp_path])
            if wake.take_notices():
                pytest.skip("the system has no watch to give")
            (tmp_path / "old.jsonl").write_bytes(b"two\n")
            (tmp_path / "new.jsonl").touch()
            assert wake.wait(ANSWER_PATIENCE) == {tmp_path / "new.jsonl"}

    def test_an_unwatched_folder_can_be_gone_already(self, tmp_path: Path) -> None:
        run = tmp_path / "run"
        run.mkdir()
        with Wake(FolderWatcher) as wake:
            wake.watch([run])
            run.rmdir()
            wake.watch([])
            assert wake.wait(0.0) <= {run}
