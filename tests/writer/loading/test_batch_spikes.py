"""Spikes: single batches that came late, and the machine at that time."""

from collections.abc import Callable, Iterator, Mapping
from threading import Event

import psutil
import pytest

from tests.writer.loading.logbook import Clock, Logbook
from trainmon.writer.loading import batches
from trainmon.writer.loading.machine import Machine


class Probe:
    def __init__(self, readings: Mapping[str, float]) -> None:
        self.readings = readings

    def sample(self) -> Mapping[str, float]:
        return self.readings


class Broken:
    def sample(self) -> Mapping[str, float]:
        raise RuntimeError("driver gone")


HOST = Probe({"cpu": 0.75, "mem_used": 8e9, "mem_total": 16e9, "swap_used": 0.0})
GPU = Probe({"gpu0/util": 0.5, "gpu0/mem_used": 6e9, "gpu0/mem_total": 8e9, "gpu0/temp": 60.0})


class Later:
    """Work that waits until the test lets it run, as a thread's would."""

    def __init__(self) -> None:
        self.works: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.works.append(work)

    def run(self) -> None:
        while self.works:
            self.works.pop(0)()


def at_once(work: Callable[[], None]) -> None:
    work()


def no_pause(_seconds: float) -> None:
    """Let no time pass."""


def machine(run: Callable[[Callable[[], None]], None] = at_once) -> Machine:
    return Machine(lambda: HOST, lambda: GPU, run=run, pause=no_pause)


class Loader:
    """Yields 100 batches after 4 ms each, to a loop that takes 30 ms, but for those named."""

    def __init__(self, clock: Clock, late: Mapping[int, float], slow: Mapping[int, float]) -> None:
        self.clock = clock
        self.late = late
        self.slow = slow

    def __iter__(self) -> Iterator[list[int]]:
        for index in range(100):
            self.clock.sleep(self.late.get(index, 0.004))
            yield [index]


def spikes_of(
    log: Logbook,
    clock: Clock,
    machine: Machine,
    late: Mapping[int, float] | None = None,
    slow: Mapping[int, float] | None = None,
) -> list[dict[str, object]]:
    """Return the spike events of one pass."""
    loader = Loader(clock, late or {}, slow or {})
    for index, _ in enumerate(batches(log.writer, loader, machine=machine, clock=clock)):
        clock.sleep(loader.slow.get(index, 0.03))
        log.writer.log({"train/loss": 1.0}, step=index + 1)
    return log.events("spike")


def test_a_late_batch_is_told_with_the_machine_at_that_time(log: Logbook, clock: Clock) -> None:
    (spike,) = spikes_of(log, clock, machine(), late={40: 0.3})
    del spike["time"]
    assert spike == {
        "event": "spike",
        "step": 41,
        "metric": "data_time",
        "data_time": pytest.approx(0.3),
        "step_time": pytest.approx(0.33),
        "median": pytest.approx(0.004),
        "batch": 40,
        "gpu": {"gpu0": {"util": 0.5, "mem_used": 6e9, "mem_total": 8e9}},
        "cpu": 0.75,
        "mem_used": 8e9,
        "mem_total": 16e9,
    }


def test_a_slow_step_is_told_apart_from_a_late_batch(log: Logbook, clock: Clock) -> None:
    (spike,) = spikes_of(log, clock, machine(), slow={40: 2.0})
    assert (spike["metric"], spike["batch"]) == ("step_time", 41)
    assert spike["median"] == pytest.approx(0.03)


def test_the_first_batch_of_a_pass_may_be_late(log: Logbook, clock: Clock) -> None:
    for _ in range(2):
        assert spikes_of(log, clock, machine(), late={0: 20.0}) == []


def test_spikes_within_a_second_are_counted_in_the_next_one(log: Logbook, clock: Clock) -> None:
    spikes = spikes_of(log, clock, machine(), late={40: 0.1, 42: 0.1, 44: 0.1, 90: 0.1})
    assert [(spike["batch"], spike.get("untold")) for spike in spikes] == [(40, None), (90, 2)]


def test_the_loop_does_not_wait_for_the_machine_to_be_read(log: Logbook, clock: Clock) -> None:
    later = Later()
    reader = machine(later)
    assert spikes_of(log, clock, reader, late={40: 0.1, 90: 0.1}) == []
    later.run()
    assert [spike["batch"] for spike in spikes_of(log, clock, reader)] == [40]


def test_a_spike_that_is_told_late_has_the_step_at_which_it_was(log: Logbook, clock: Clock) -> None:
    later = Later()
    loader = Loader(clock, {40: 0.3}, {})
    reader = machine(later)
    for index, _ in enumerate(batches(log.writer, loader, machine=reader, clock=clock)):
        clock.sleep(0.03)
        log.writer.log({"train/loss": 1.0}, step=index + 1)
        if index == 80:
            later.run()
    assert [spike["step"] for spike in log.events("spike")] == [41]


def test_no_probe_is_made_before_the_first_spike(log: Logbook, clock: Clock) -> None:
    def forbidden() -> Probe:
        raise AssertionError("a probe was made")

    idle = Machine(forbidden, forbidden, run=at_once, pause=no_pause)
    assert spikes_of(log, clock, idle) == []


def test_a_machine_that_cannot_be_read_leaves_the_spike(log: Logbook, clock: Clock) -> None:
    broken = Machine(lambda: HOST, Broken, run=at_once, pause=no_pause)
    (spike,) = spikes_of(log, clock, broken, late={40: 0.3})
    assert spike["batch"] == 40
    assert "gpu" not in spike


def until_counted(_seconds: float) -> None:
    """Wait until the kernel has counted some ticks of user, system or idle time."""
    before = sum(psutil.cpu_times()[:4])
    while sum(psutil.cpu_times()[:4]) < before + 0.05:
        pass


def test_this_machine_can_be_read() -> None:
    answers: list[Mapping[str, object]] = []
    Machine(run=at_once, pause=until_counted).ask(answers.append)
    assert {"cpu", "mem_used", "mem_total"} <= answers[0].keys()


def test_a_thread_reads_the_machine() -> None:
    answered = Event()
    Machine(lambda: HOST, lambda: GPU).ask(lambda _: answered.set())
    assert answered.wait(60.0)
