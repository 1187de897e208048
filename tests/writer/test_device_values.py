"""Values on a GPU are logged without waiting for it, and in order."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.writer.fake_device import Device
from trainmon import Writer
from trainmon.writer.draft import Several

Read = Callable[[Path], list[dict[str, Any]]]


class Timer:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(folder: Path, device: Device, timer: Timer, stderr: io.StringIO) -> Writer:
    return Writer(folder, devices=device, timer=timer, stderr=stderr)


@pytest.fixture
def logged(folder: Path, read: Read) -> Callable[[], list[tuple[Any, Any]]]:
    """Return a function that gives step and loss of the lines so far."""
    path = folder / "rank0.jsonl"
    return lambda: [(row["step"], row["loss"]) for row in read(path)[1:] if "loss" in row]


Logged = Callable[[], list[tuple[Any, Any]]]


def test_a_value_on_a_device_is_logged_without_a_wait(
    log: Writer, device: Device, logged: Logged
) -> None:
    log.log({"loss": device.scalar(0.5)}, step=1)
    assert (logged(), device.waits) == ([], 0)
    device.arrived = True
    log.settle()
    assert (logged(), device.waits) == ([(1, 0.5)], 0)


def test_lines_behind_a_value_that_has_not_arrived_keep_their_order(
    log: Writer, device: Device, timer: Timer, logged: Logged
) -> None:
    log.log({"loss": device.scalar(0.5)}, step=1)
    log.log({"loss": 0.25}, step=2)
    assert logged() == []
    device.arrived = True
    timer.now += 0.2
    log.log({"loss": 0.125}, step=3)
    log.settle()
    assert logged() == [(1, 0.5), (2, 0.25), (3, 0.125)]


def test_a_training_that_runs_seconds_ahead_of_its_device_does_not_wait_for_it(
    log: Writer, device: Device, timer: Timer
) -> None:
    for step in range(5):
        timer.now += 4.0
        log.log({"loss": device.scalar(0.5)}, step=step)
    assert device.waits == 0


def test_values_of_many_steps_cross_in_one_transfer(
    log: Writer, device: Device, timer: Timer
) -> None:
    for step in range(10):
        log.log({"loss": device.scalar(0.5), "grad_norm": device.scalar(2.0)}, step=step)
    assert device.sizes == []
    timer.now += 0.2
    log.log({"loss": device.scalar(0.25)}, step=10)
    assert device.transfers == 1
    assert device.sizes == [21]


def test_the_elements_of_one_tensor_become_metrics(
    log: Writer, device: Device, folder: Path, read: Read
) -> None:
    device.arrived = True
    norms = Several(("grad_norm/a", "grad_norm/b"), device.vector(1.0, 2.0))
    log.log({"layers": norms, "loss": 0.5}, step=1)
    log.settle()
    line = read(folder / "rank0.jsonl")[1]
    assert (line["grad_norm/a"], line["grad_norm/b"], line["loss"]) == (1.0, 2.0, 0.5)


def test_finishing_waits_for_what_has_not_arrived(
    log: Writer, device: Device, folder: Path, read: Read
) -> None:
    log.log({"loss": device.scalar(float("nan"))}, step=1)
    log.finish()
    _, line, finish = read(folder / "rank0.jsonl")
    assert (line["loss"], finish["event"]) == ("NaN", "finish")
    assert device.waits == 1


def test_an_exception_flushes_what_has_not_arrived(
    folder: Path, device: Device, read: Read
) -> None:
    def train() -> None:
        with Writer(folder, devices=device) as log:
            log.log({"loss": device.scalar(0.5)}, step=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train()
    _, line, event = read(folder / "rank0.jsonl")
    assert (line["loss"], event["event"]) == (0.5, "exception")


def test_a_broken_device_costs_its_values_and_nothing_else(
    log: Writer, device: Device, folder: Path, read: Read, stderr: io.StringIO
) -> None:
    device.broken = device.arrived = True
    log.log({"loss": device.scalar(0.5), "lr": 0.1}, step=1)
    log.finish()
    line = read(folder / "rank0.jsonl")[1]
    assert (line["step"], line["lr"], "loss" in line) == (1, 0.1, False)
    assert (log.left_out, log.dropped) == (1, 0)
    assert "device-side assert" in stderr.getvalue()


def test_a_tensor_of_several_elements_is_left_out_with_its_shape(
    log: Writer, device: Device, stderr: io.StringIO
) -> None:
    log.log({"loss": device.vector(1.0, 2.0)}, step=1)
    assert log.left_out == 1
    assert "has shape (2,)" in stderr.getvalue()
    assert device.transfers == 0


def test_fetched_values_are_handed_over_when_they_arrive(log: Writer, device: Device) -> None:
    got: list[list[float]] = []
    log.fetch(device.vector(1.0, 2.0), got.append)
    assert got == []
    device.arrived = True
    log.settle()
    assert got == [[1.0, 2.0]]


def test_what_is_done_with_fetched_values_may_fail(
    log: Writer, device: Device, stderr: io.StringIO, logged: Logged
) -> None:
    device.arrived = True
    log.fetch(device.vector(1.0), lambda values: log.event("note", text=str(values[1])))
    log.log({"loss": 0.5}, step=1)
    log.settle()
    assert logged() == [(1, 0.5)]
    assert "fetch failed: IndexError" in stderr.getvalue()


def test_a_thread_writes_what_arrives_while_the_script_logs_nothing(
    log: Writer, device: Device, timer: Timer, folder: Path
) -> None:
    """The one test that waits for the thread, as long as it takes."""
    log.log({"loss": device.scalar(0.5)}, step=1)
    timer.now += 0.2
    device.arrived = True
    while b'"loss"' not in (folder / "rank0.jsonl").read_bytes():
        pass
    assert device.sizes == [1]


def test_the_values_of_a_transfer_are_read_once_for_all_its_lines(
    log: Writer, device: Device
) -> None:
    for step in range(100):
        log.log({"loss": device.scalar(0.5), "grad_norm": device.scalar(2.0)}, step=step)
    log.settle()
    assert device.reads == 1


def test_a_device_without_memory_costs_its_values_and_not_their_lines(
    log: Writer, device: Device, folder: Path, read: Read, stderr: io.StringIO
) -> None:
    device.full = True
    log.log({"loss": device.scalar(0.5), "lr": 0.1}, step=1)
    log.settle()
    line = read(folder / "rank0.jsonl")[1]
    assert (line["step"], line["lr"], "loss" in line) == (1, 0.1, False)
    assert (log.left_out, log.dropped) == (1, 0)
    assert "without memory" in stderr.getvalue()


def test_a_step_on_a_device_is_not_waited_for(log: Writer, device: Device) -> None:
    log.log({"loss": 0.5}, step=device.scalar(1.0))  # type: ignore[arg-type]  # as torch's capturable optimizers count
    assert device.waits == 0


def test_what_arrives_at_the_end_is_told_before_it(
    log: Writer, device: Device, folder: Path, read: Read
) -> None:
    log.fetch(device.vector(2.0), lambda values: log.beside({"grad_norm": values[0]}))
    log.finish()
    _, line, finish = read(folder / "rank0.jsonl")
    assert (line["grad_norm"], finish["event"]) == (2.0, "finish")
