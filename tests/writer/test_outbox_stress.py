"""Lines keep their order and none is lost, whoever logs, interrupts, or gives up meanwhile."""

import contextlib
import gc
import io
import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.writer.fake_device import Device, Tensor
from trainmon import Writer
from trainmon.writer.delivery.dispatch import Dispatch
from trainmon.writer.delivery.outbox import Outbox
from trainmon.writer.delivery.parcel import LineParcel
from trainmon.writer.delivery.postman import serve
from trainmon.writer.line_file import LostError

Read = Callable[[Path], list[dict[str, Any]]]


class Fickle:
    """A transfer that has arrived at some looks and not at others."""

    def __init__(self, _device: object) -> None:
        self.numbers: list[float] = []
        self.sent = False

    def add(self, tensor: Tensor) -> int:
        assert not self.sent
        self.numbers += tensor.values
        return len(self.numbers) - 1

    def send(self) -> None:
        self.sent = True

    def ready(self) -> bool:
        return random.random() < 0.3  # noqa: S311 - no secret

    def values(self) -> list[float]:
        assert self.sent
        return self.numbers


def test_threads_that_log_values_of_a_device_keep_their_order_and_lose_none(
    folder: Path, read: Read
) -> None:
    log, device = Writer(folder, devices=Fickle), Device()

    def train(thread: int) -> None:
        for step in range(2_000):
            value = float(step) if step % 3 else device.scalar(step)
            log.log({f"thread{thread}": value}, epoch=thread)
            if thread == 0 and step % 200 == 0:
                log.settle()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(train, range(4)))
    log.finish()
    lines = read(folder / "rank0.jsonl")
    for name in (f"thread{thread}" for thread in range(4)):
        assert [line[name] for line in lines if name in line] == list(range(2_000))
    assert (log.dropped, log.left_out) == (0, 0)


class Disk:
    """A disk that does something of its own in the midst of a write, as a signal's handler may."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.lost: list[Exception] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.box = Outbox(
            self.append, self.lost.append, make_transfer=Device(), timer=float, owner=os.getpid()
        )

    def append(self, block: bytes) -> None:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        self.lines += block.split()

    def put(self, *numbers: int) -> None:
        for number in numbers:
            self.box.put(LineParcel(b"%d\n" % number))


def test_a_handler_that_logs_in_the_midst_of_a_write_comes_after_it() -> None:
    disk = Disk()
    disk.meanwhile = lambda: disk.put(2)
    disk.put(1)
    assert disk.lines == [b"1", b"2"]


@pytest.mark.parametrize("behind", [False, True])
def test_a_handler_that_settles_in_the_midst_of_a_write_leaves_nothing_behind(
    behind: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    disk = Disk()
    disk.box.behind = True
    disk.put(1, 2, 3)
    disk.box.behind = behind
    settled: list[list[bytes]] = []

    def handle() -> None:
        disk.box.settle()
        settled.append([*disk.lines])

    disk.meanwhile = handle
    disk.box.step()
    assert settled == [[b"1", b"2", b"3"]]


def test_an_interruption_in_the_midst_of_a_write_loses_no_line() -> None:
    disk = Disk()

    def interrupt() -> None:
        raise KeyboardInterrupt

    disk.meanwhile = interrupt
    with contextlib.suppress(KeyboardInterrupt):
        disk.put(1)
    disk.put(2)
    assert disk.lines == [b"1", b"2"]


def test_a_handler_that_sends_what_is_being_packed_spoils_no_value() -> None:
    device = Device()

    class Interrupted(Fickle):
        def add(self, tensor: Tensor) -> int:
            place = super().add(tensor)
            if tensor.values == [1.0]:
                tensor.values = [2.0]  # once
                dispatch.send(older_than=0.0)
            return place

    dispatch = Dispatch(Interrupted, timer=float)
    ticket = dispatch.pack(device, device.scalar(1.0), 1)
    dispatch.send(older_than=0.0)
    assert ticket.values() == [2.0]


def test_a_disk_that_was_stuck_gets_all_that_there_was_room_for() -> None:
    disk, gate = Disk(), threading.Event()
    disk.meanwhile = gate.wait
    serve(disk.box)
    disk.box.behind = True
    refused = 0
    for number in range(10_003):
        try:
            disk.put(number)
        except LostError:
            refused += 1
    assert refused == 3
    gate.set()
    disk.box.close()
    assert disk.lines == [b"%d" % number for number in range(10_000)]


def test_callbacks_that_log_do_not_pile_up(folder: Path, read: Read) -> None:
    device, stderr = Device(), io.StringIO()
    log = Writer(folder, devices=device, stderr=stderr)
    for step in range(1_000):
        log.fetch(device.vector(float(step)), lambda values: log.log({"loss": 0.5}, step=values[0]))
    device.arrived = True
    log.finish()
    steps = [line["step"] for line in read(folder / "rank0.jsonl") if "loss" in line]
    assert steps == list(range(1_000))
    assert stderr.getvalue() == ""


def test_the_thread_outlives_a_device_that_does_not(folder: Path, read: Read) -> None:
    device, stderr = Device(broken=True, arrived=True), io.StringIO()
    log = Writer(folder, devices=device, stderr=stderr)
    log.fetch(device.vector(1.0), print)
    log.log({"loss": 0.5}, step=1)
    log.settle()
    assert read(folder / "rank0.jsonl")[-1]["step"] == 1
    assert "fetch failed: RuntimeError" in stderr.getvalue()
    assert log.dropped == 0


def test_a_writer_that_is_dropped_takes_its_thread_and_file_with_it(
    folder: Path, read: Read
) -> None:
    device = Device(arrived=True)
    before = set(threading.enumerate())
    log = Writer(folder, devices=device)
    log.log({"loss": device.scalar(0.5)}, step=1)
    (thread,) = set(threading.enumerate()) - before
    del log
    gc.collect()
    thread.join(30.0)
    assert not thread.is_alive()
    assert read(folder / "rank0.jsonl")[-1]["loss"] == 0.5
