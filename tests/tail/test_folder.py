"""Scanning finds the files that may be logs, and comes back from any folder."""

import os
import time
from pathlib import Path

import pytest

from trainmon.tail import Found, LogFolder, Scanner
from trainmon.tail.folder import DEPTH_LIMIT, NOTICE_LIMIT
from trainmon.tail.listing import CLOCK_GRAIN, list_folder


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")


def scan(*roots: Path) -> Found:
    return Scanner(roots).scan()


def names(found: Found, root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in found.files]


class TestWhatIsFound:
    def test_ranks_are_grouped_in_natural_order_beside_other_files(self, tmp_path: Path) -> None:
        make(tmp_path, "rank10.jsonl", "rank2.jsonl", "rank0.jsonl", "out.log", "rankings.jsonl")
        ranks = tuple(tmp_path / f"rank{rank}.jsonl" for rank in (0, 2, 10))
        others = (tmp_path / "out.log", tmp_path / "rankings.jsonl")
        assert scan(tmp_path) == Found((LogFolder(tmp_path, ranks, others),))

    def test_run_folders_come_in_natural_order(self, tmp_path: Path) -> None:
        make(tmp_path, "run-10/rank0.jsonl", "run-9/rank0.jsonl", "run-9/eval/log.csv")
        found = scan(tmp_path)
        assert [str(folder.path.relative_to(tmp_path)) for folder in found.folders] == [
            "run-9",
            "run-9/eval",
            "run-10",
        ]

    def test_hidden_entries_and_caches_are_left_out(self, tmp_path: Path) -> None:
        make(tmp_path, ".git/config", ".log.swp", "__pycache__/a.pyc", "run/log")
        assert names(scan(tmp_path), tmp_path) == ["run/log"]

    def test_a_given_file_is_found_even_if_it_is_hidden(self, tmp_path: Path) -> None:
        make(tmp_path, ".hidden.jsonl", "other.jsonl")
        assert scan(tmp_path / ".hidden.jsonl").files == (tmp_path / ".hidden.jsonl",)

    def test_a_file_given_twice_is_found_once(self, tmp_path: Path) -> None:
        make(tmp_path, "run/rank0.jsonl")
        found = scan(tmp_path / "run" / "rank0.jsonl", tmp_path, tmp_path / "run")
        assert names(found, tmp_path) == ["run/rank0.jsonl"]

    def test_a_missing_path_is_named_and_found_when_it_appears(self, tmp_path: Path) -> None:
        scanner = Scanner([tmp_path / "logs"])
        assert scanner.scan() == Found(missing=(tmp_path / "logs",))
        make(tmp_path, "logs/run/rank0.jsonl")
        assert names(scanner.scan(), tmp_path) == ["logs/run/rank0.jsonl"]


class TestLinks:
    def test_a_loop_of_links_ends(self, tmp_path: Path) -> None:
        make(tmp_path, "run/log")
        (tmp_path / "run" / "up").symlink_to(tmp_path)
        (tmp_path / "run" / "self").symlink_to("self")
        found = scan(tmp_path)
        assert names(found, tmp_path) == ["run/log"]
        assert len(found.notices) == 1

    def test_a_run_keeps_its_own_name_beside_a_link_to_it(self, tmp_path: Path) -> None:
        make(tmp_path, "runs/deep/run-12/log")
        (tmp_path / "latest").symlink_to("runs/deep/run-12")
        (tmp_path / "latest.log").symlink_to("runs/deep/run-12/log")
        assert names(scan(tmp_path), tmp_path) == ["runs/deep/run-12/log"]

    def test_links_to_elsewhere_are_followed(self, tmp_path: Path) -> None:
        make(tmp_path, "disk/run/log", "disk/other.log", "logs/a.log")
        (tmp_path / "logs" / "run").symlink_to(tmp_path / "disk" / "run")
        (tmp_path / "logs" / "b.log").symlink_to(tmp_path / "disk" / "other.log")
        (tmp_path / "logs" / "gone.log").symlink_to("nowhere")
        assert names(scan(tmp_path / "logs"), tmp_path / "logs") == ["a.log", "b.log", "run/log"]


class TestRotatedLogs:
    def test_older_parts_belong_to_their_log(self, tmp_path: Path) -> None:
        make(tmp_path, "a.log", "a.log.1", "a.log.2.gz", "a.log-20261120", "rank0.jsonl.1")
        make(tmp_path, "rank0.jsonl", "a.log.gz")
        assert names(scan(tmp_path), tmp_path) == ["rank0.jsonl", "a.log", "a.log.gz"]

    def test_numbered_files_without_a_log_are_files_of_their_own(self, tmp_path: Path) -> None:
        make(tmp_path, "events.out.0", "events.out.1", "other.log")
        assert names(scan(tmp_path), tmp_path) == ["events.out.0", "events.out.1", "other.log"]

    def test_parts_stay_parts_while_their_log_is_away(self, tmp_path: Path) -> None:
        make(tmp_path, "a.log", "b.log")
        scanner = Scanner([tmp_path])
        scanner.scan()
        (tmp_path / "a.log").rename(tmp_path / "a.log.1")
        assert names(scanner.scan(), tmp_path) == ["b.log"]
        assert names(scanner.scan(), tmp_path) == ["b.log"]
        make(tmp_path, "a.log")
        assert names(scanner.scan(), tmp_path) == ["a.log", "b.log"]

    def test_the_part_that_a_link_leads_to_is_found_by_the_link(self, tmp_path: Path) -> None:
        make(tmp_path, "a.log-20261120")
        (tmp_path / "a.log").symlink_to("a.log-20261120")
        assert names(scan(tmp_path), tmp_path) == ["a.log"]

    def test_a_part_that_was_asked_for_is_found(self, tmp_path: Path) -> None:
        make(tmp_path, "a.log", "a.log.1")
        assert names(scan(tmp_path / "a.log.1"), tmp_path) == ["a.log.1"]


class TestBounds:
    def test_a_fifo_is_told_and_not_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.jsonl")
        found = scan(tmp_path)
        assert found.files == ()
        assert found.notices == (f"'{tmp_path}/pipe.jsonl' is a FIFO; it is not read",)

    def test_a_given_device_is_told_and_not_opened(self) -> None:
        assert scan(Path("/dev/zero")).notices == (
            "'/dev/zero' is a character device; it is not read",
        )

    def test_many_notices_are_counted(self, tmp_path: Path) -> None:
        for number in range(NOTICE_LIMIT + 5):
            os.mkfifo(tmp_path / f"pipe{number}")
        notices = scan(tmp_path).notices
        assert len(notices) == NOTICE_LIMIT + 1
        assert notices[-1] == "and 5 more notices"

    def test_a_name_with_escape_sequences_is_cleaned_in_notices(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "\x1b[2J")
        assert scan(tmp_path).notices[0].isprintable()

    def test_folders_that_lie_too_deep_are_left_out(self, tmp_path: Path) -> None:
        deepest = "/".join("d" * DEPTH_LIMIT)
        make(tmp_path, f"{deepest}/log", f"{deepest}/d/too-deep")
        found = scan(tmp_path)
        assert names(found, tmp_path) == [f"{deepest}/log"]
        assert found.notices == ("folders more than 6 levels down are left out",)

    def test_there_are_never_more_files_than_the_limit(self, tmp_path: Path) -> None:
        make(tmp_path, "1", "2", "run/3", "run/4")
        found = Scanner([tmp_path], file_limit=3).scan()
        assert names(found, tmp_path) == ["1", "2", "run/3"]
        assert found.notices == ("there are over 3 files; the rest is left out",)

    def test_a_given_file_is_found_beyond_the_limit(self, tmp_path: Path) -> None:
        make(tmp_path, "1", "2", "run/3")
        found = Scanner([tmp_path, tmp_path / "run" / "3"], file_limit=1).scan()
        assert names(found, tmp_path) == ["1", "run/3"]

    def test_a_folder_with_too_many_entries_is_listed_in_part(self, tmp_path: Path) -> None:
        make(tmp_path, "1", "2", "3")
        listing = list_folder(tmp_path, limit=2)
        assert len(listing.files) == 2
        assert listing.notices == (f"'{tmp_path}' has over 2 entries; the rest is left out",)


class TestScanningAgain:
    @pytest.mark.parametrize("age", [0, 2 * CLOCK_GRAIN], ids=["just made", "settled"])
    def test_what_appears_or_goes_between_scans_shows(self, tmp_path: Path, age: int) -> None:
        make(tmp_path, "run-1/rank0.jsonl", "old/log")
        scanner = Scanner([tmp_path], clock=lambda: time.time_ns() + age)
        scanner.scan()
        make(tmp_path, "run-1/rank1.jsonl", "run-2/rank0.jsonl")
        (tmp_path / "old" / "log").unlink()
        assert names(scanner.scan(), tmp_path) == [
            "run-1/rank0.jsonl",
            "run-1/rank1.jsonl",
            "run-2/rank0.jsonl",
        ]

    def test_nothing_changes_between_two_scans_of_the_same_folders(self, tmp_path: Path) -> None:
        make(tmp_path, "run-1/rank0.jsonl", "run-2/rank0.jsonl", "note.txt")
        (tmp_path / "link").symlink_to("run-1")
        scanner = Scanner([tmp_path], clock=lambda: time.time_ns() + 2 * CLOCK_GRAIN)
        assert scanner.scan() == scanner.scan()

    def test_a_folder_made_again_is_listed_again(self, tmp_path: Path) -> None:
        make(tmp_path, "run/old.log")
        scanner = Scanner([tmp_path], clock=lambda: time.time_ns() + 2 * CLOCK_GRAIN)
        scanner.scan()
        (tmp_path / "run").rename(tmp_path / "moved")
        make(tmp_path, "run/new.log")
        assert names(scanner.scan(), tmp_path) == ["moved/old.log", "run/new.log"]

    def test_a_link_that_finds_its_target_later_is_followed(self, tmp_path: Path) -> None:
        make(tmp_path, "logs/a.log")
        (tmp_path / "logs" / "b.log").symlink_to(tmp_path / "target")
        scanner = Scanner([tmp_path / "logs"], clock=lambda: time.time_ns() + 2 * CLOCK_GRAIN)
        scanner.scan()
        make(tmp_path, "target")
        assert names(scanner.scan(), tmp_path) == ["logs/a.log", "logs/b.log"]

    def test_a_folder_that_may_not_be_listed_is_told_until_it_may(self, tmp_path: Path) -> None:
        make(tmp_path, "run/log")
        scanner = Scanner([tmp_path], clock=lambda: time.time_ns() + 2 * CLOCK_GRAIN)
        (tmp_path / "run").chmod(0)
        if os.access(tmp_path / "run", os.R_OK):
            pytest.skip("root may list every folder")
        assert scanner.scan().notices == (f"'{tmp_path}/run' cannot be listed: Permission denied",)
        (tmp_path / "run").chmod(0o700)
        assert names(scanner.scan(), tmp_path) == ["run/log"]
