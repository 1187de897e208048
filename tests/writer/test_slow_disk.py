"""A disk on which every write takes long is written to by a thread, and loses no line."""

import io
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.writer.fake_device import Device
from trainmon import Writer
from trainmon.writer.delivery.outbox import Outbox
from trainmon.writer.delivery.parcel import LineParcel

Read = Callable[[Path], list[dict[str, Any]]]

MILLISECONDS = count(0.0, 0.001).__next__
"""A timer by which every write takes a millisecond."""


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


def test_a_slow_disk_is_told_once_and_loses_nothing(
    folder: Path, read: Read, stderr: io.StringIO
) -> None:
    log = Writer(folder, timer=MILLISECONDS, stderr=stderr)
    for step in range(5_000):
        log.log({"loss": 0.5}, step=step)
    log.finish()
    lines = read(folder / "rank0.jsonl")
    assert [line["step"] for line in lines[1:-1]] == list(range(5_000))
    assert stderr.getvalue().count("\n") == 1
    assert "a background thread does them" in stderr.getvalue()
    assert log.dropped == 0


def test_an_ordinary_disk_is_written_to_at_once(folder: Path, read: Read) -> None:
    log = Writer(folder, timer=count(0.0, 20e-6).__next__)
    for step in range(100):
        log.log({"loss": 0.5}, step=step)
        assert read(folder / "rank0.jsonl")[-1]["step"] == step


def test_one_slow_write_among_many_changes_nothing(folder: Path, stderr: io.StringIO) -> None:
    ticks = iter([0.0, 0.5, *(0.5 + tick * 1e-6 for tick in range(1_000))])
    log = Writer(folder, timer=ticks.__next__, stderr=stderr)
    for step in range(100):
        log.log({"loss": 0.5}, step=step)
    log.finish()
    assert stderr.getvalue() == ""


def test_the_rest_is_written_when_a_script_ends_without_finishing(
    folder: Path, run_script: Callable[..., str], read: Read
) -> None:
    run_script(UNFINISHED, folder)
    assert [line["step"] for line in read(folder / "rank0.jsonl")[1:]] == list(range(1_000))


UNFINISHED = """
import itertools, sys
from trainmon import Writer

log = Writer(sys.argv[1], timer=itertools.count(0.0, 0.001).__next__)
for step in range(1_000):
    log.log({"loss": 0.5}, step=step)
"""


def test_a_forked_child_writes_its_lines_itself(
    folder: Path, run_script: Callable[..., str], read: Read
) -> None:
    run_script(FORKED, folder)
    steps = [line["step"] for line in read(folder / "rank0.jsonl")[1:-1]]
    assert sorted(steps) == list(range(101))


FORKED = """
import itertools, os, sys
from trainmon import Writer

log = Writer(sys.argv[1], timer=itertools.count(0.0, 0.001).__next__)
for step in range(100):
    log.log({"loss": 0.5}, step=step)
child = os.fork()
if child == 0:
    log.log({"loss": 0.5}, step=100)
    log.finish()
    os._exit(0)
os.waitpid(child, 0)
log.finish()
"""


class Disk:
    """What an outbox writes to; `now` is its time in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.blocks: list[bytes] = []
        self.lost: list[Exception] = []
        self.full = False

    def append(self, block: bytes) -> None:
        if self.full:
            raise OSError("no room")
        self.blocks.append(block)

    def outbox(self) -> Outbox:
        box = Outbox(
            self.append,
            self.lost.append,
            make_transfer=Device(),
            timer=lambda: self.now,
            owner=os.getpid(),
        )
        box.behind = True
        return box


def test_lines_that_pile_up_are_written_together() -> None:
    disk = Disk()
    box = disk.outbox()
    for number in range(3):
        box.put(LineParcel(b"%d\n" % number))
    assert disk.blocks == []
    box.step()
    assert disk.blocks == [b"0\n1\n2\n"]


def test_a_line_that_has_waited_for_a_second_is_written_before_the_next_is_taken() -> None:
    disk = Disk()
    box = disk.outbox()
    box.put(LineParcel(b"0\n"))
    disk.now = 1.5
    box.put(LineParcel(b"1\n"))
    assert disk.blocks == [b"0\n"]


def test_each_line_that_a_full_disk_refuses_is_counted() -> None:
    disk = Disk()
    disk.full = True
    box = disk.outbox()
    for number in range(3):
        box.put(LineParcel(b"%d\n" % number))
    box.settle()
    assert len(disk.lost) == 3
    disk.full = False
    box.put(LineParcel(b"3\n"))
    box.settle()
    assert disk.blocks == [b"3\n"]


def test_a_long_line_among_others_is_within_what_readers_take() -> None:
    disk = Disk()
    box = disk.outbox()
    long = b"x" * 1_000_000
    for line in (b"a" * 200_000, long, b"b"):
        box.put(LineParcel(line))
    box.settle()
    assert b"".join(disk.blocks) == b"a" * 200_000 + long + b"b"
    assert max(map(len, disk.blocks)) <= 1 << 20
