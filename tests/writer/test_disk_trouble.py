"""What happens to the disk under a run is counted and told, and logging goes on when it can."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainmon import Writer

Read = Callable[[Path], list[dict[str, Any]]]

FULL_DISK = """
import json, os, resource, sys
from trainmon import Writer

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

log = Writer(sys.argv[1], stderr=sys.stdout)
limit(os.path.getsize(log.path) + 250)
for step in range(50):
    log.log({"loss": 0.5}, step=step)
limit(resource.RLIM_INFINITY)
dropped = log.dropped
log.log({"loss": 0.5}, step=50)
print(dropped, log.dropped)
"""

FULL_FROM_THE_START = """
import resource, sys
from trainmon import Writer
from trainmon.errors import WriterError

resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
try:
    Writer(sys.argv[1])
except WriterError as error:
    print(error.hint)
"""

STOLEN_DESCRIPTOR = """
import os, sys
from trainmon import Writer

now = 0.0
log = Writer(sys.argv[1], clock=lambda: now)
log.log({"loss": 1.0}, step=1)
os.closerange(3, 64)
checkpoints = [os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT) for _ in range(8)]
now = 5.0
log.log({"loss": 0.5}, step=2)
print(os.path.getsize(sys.argv[2]), log.dropped)
"""


class Clock:
    """A clock that stands until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(folder: Path, clock: Clock, stderr: io.StringIO) -> Writer:
    """Return a writer that has logged step 1."""
    log = Writer(folder, clock=clock, stderr=stderr)
    log.log({"loss": 1.0}, step=1)
    return log


def steps(lines: list[dict[str, Any]]) -> list[int]:
    return [line["step"] for line in lines if "step" in line]


def test_a_full_disk_costs_its_lines_and_the_next_begins_on_a_fresh_one(
    folder: Path, run_script: Callable[..., str]
) -> None:
    *told, counts = run_script(FULL_DISK, folder).splitlines()
    lines = (folder / "rank0.jsonl").read_bytes().splitlines()
    whole = [line for line in lines if line.endswith(b"}")]
    # The header, what fitted before the disk was full, and the line after it had room again.
    kept = len(whole) - 2
    assert 0 < kept < 50
    assert counts == f"{50 - kept} {50 - kept}"
    assert len(lines) - len(whole) == 1  # the line that was cut by the end of the disk
    assert b'"step":50,' in lines[-1]
    assert len(told) == 2
    assert "there was room for a part of it only" in told[0]
    assert "File too large" in told[1]


def test_a_disk_without_room_for_a_header_is_an_error_and_leaves_no_file(
    folder: Path, run_script: Callable[..., str]
) -> None:
    assert "has room" in run_script(FULL_FROM_THE_START, folder)
    assert list(folder.iterdir()) == []


def test_a_deleted_folder_is_made_again_with_its_header(
    log: Writer, folder: Path, clock: Clock, stderr: io.StringIO, read: Read
) -> None:
    shutil.rmtree(folder)
    clock.now += 2
    log.log({"loss": 0.5}, step=2)
    header, line = read(folder / "rank0.jsonl")
    assert (header["run"], header["time"]) == ("baseline", 100.0)
    assert line["step"] == 2
    assert "was deleted while the run wrote to it" in stderr.getvalue()
    assert log.dropped == 0


def test_a_clock_that_is_set_back_does_not_hide_that_the_folder_is_gone(
    log: Writer, folder: Path, clock: Clock, read: Read
) -> None:
    for step in range(2, 40):
        log.log({"loss": 0.5}, step=step)
    shutil.rmtree(folder)
    clock.now -= 3600
    log.log({"loss": 0.5}, step=40)
    assert steps(read(folder / "rank0.jsonl")) == [40]


def test_a_moved_folder_is_still_written_to(
    log: Writer, folder: Path, clock: Clock, read: Read
) -> None:
    moved = folder.rename(folder.with_name("better-name"))
    clock.now += 2
    log.log({"loss": 0.5}, step=2)
    assert steps(read(moved / "rank0.jsonl")) == [1, 2]
    assert not folder.exists()


def test_a_vanished_disk_is_not_made_up_and_logging_resumes_with_it(
    log: Writer, folder: Path, clock: Clock, stderr: io.StringIO, read: Read
) -> None:
    shutil.rmtree(folder.parent)
    clock.now += 2
    for step in (2, 3):
        log.log({"loss": 0.5}, step=step)
    assert not folder.parent.exists()
    assert log.dropped == 2
    assert stderr.getvalue().count("\n") == 1
    assert "cannot be made again: No such file or directory" in stderr.getvalue()
    folder.parent.mkdir()
    clock.now += 2
    log.log({"loss": 0.25}, step=4)
    assert steps(read(folder / "rank0.jsonl")) == [4]


def test_a_lost_file_is_looked_for_once_a_second_at_most(
    log: Writer, folder: Path, clock: Clock
) -> None:
    shutil.rmtree(folder.parent)
    clock.now += 2
    log.log({"loss": 0.5}, step=2)
    folder.parent.mkdir()
    clock.now += 0.5
    log.log({"loss": 0.5}, step=3)
    assert log.dropped == 2
    assert not folder.exists()


def test_a_run_that_took_the_place_of_a_deleted_one_is_not_written_to(
    log: Writer, folder: Path, clock: Clock, stderr: io.StringIO, read: Read
) -> None:
    shutil.rmtree(folder)
    successor = Writer(folder, run="successor")
    clock.now += 2
    log.log({"loss": 0.5}, step=2)
    successor.log({"loss": 3.0}, step=7)
    header, line = read(folder / "rank0.jsonl")
    assert (header["run"], line["step"]) == ("successor", 7)
    assert log.dropped == 1
    assert "another file is in its place" in stderr.getvalue()


def test_a_descriptor_that_went_to_another_file_is_not_written_to(
    folder: Path, tmp_path: Path, run_script: Callable[..., str], read: Read
) -> None:
    checkpoint = tmp_path / "best.pt"
    assert run_script(STOLEN_DESCRIPTOR, folder, checkpoint) == "0 0\n"
    assert steps(read(folder / "rank0.jsonl")) == [1, 2]


def test_a_line_longer_than_readers_take_is_not_written(
    log: Writer, folder: Path, read: Read
) -> None:
    log.log({f"grad_norm/{layer}": 0.125 for layer in range(100_000)}, step=2)
    log.log({"loss": 0.5}, step=3)
    assert log.dropped == 1
    assert steps(read(folder / "rank0.jsonl")) == [1, 3]
