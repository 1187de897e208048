"""The thread that follows: it posts what is written, and it ends when it is told to."""

import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Event

import pytest

from tests.ui.scenes import START
from trainmon.following import Following, Probe
from trainmon.machine import MachineProbe
from trainmon.probes.aside import Aside
from trainmon.probes.sample import Sample
from trainmon.tail import Wake
from trainmon.view import Machine, Status, View
from trainmon.writer import Writer

PATIENCE = 20.0
"""Seconds that a view may take on a busy machine; it takes a fraction of one."""


class FakeProbe:
    """Reads the same from every machine."""

    def __init__(self) -> None:
        self.pids = Queue[Collection[int]]()

    def sample(self, pids: Collection[int]) -> Machine:
        self.pids.put(pids)
        return Machine(START, {"cpu": 0.5})


class HangingProbe:
    """Hangs in its driver until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = Event(), Event()

    def sample(self, pids: Collection[int]) -> Machine:
        assert pids is not None
        self.begun.set()
        self.let_go.wait(PATIENCE)
        return Machine(START, {})


class SilentWatcher:
    """A network file system: watching it succeeds, and nothing is ever announced."""

    def watch(self, folder: Path, changed: Callable[[Path], None], *, writes: bool = True) -> None:
        """Take the folder and forget it."""

    def unwatch(self, folder: Path) -> None:
        """Nothing is watched."""

    def close(self) -> None:
        """Nothing to end."""


class RefusingWatcher(SilentWatcher):
    """A system whose limit of watches has been reached."""

    def watch(self, folder: Path, changed: Callable[[Path], None], *, writes: bool = True) -> None:
        del folder, changed, writes
        raise OSError("inotify watch limit reached")


@contextmanager
def following(
    path: Path, probe: Probe | None = None, wake: Wake | None = None
) -> Iterator[Queue[View]]:
    """Follow a path for as long as the context lasts, and give the views that are posted."""
    views: Queue[View] = Queue()
    feed = Following([path], views.put, probe=probe, wake=wake)
    feed.start()
    try:
        yield views
    finally:
        feed.stop()


def wait_for(views: Queue[View], shown: Callable[[View], bool]) -> View:
    """Return the first view that shows something; raise `queue.Empty` if none comes."""
    while True:
        view = views.get(timeout=PATIENCE)
        if shown(view):
            return view


def records(count: int) -> Callable[[View], bool]:
    return lambda view: bool(view.runs) and view.runs[0].records == count


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Writer]:
    """Return a writer of a run that has one record already."""
    with Writer(tmp_path / "logs" / "run") as log:
        log.log({"train/loss": 1.0}, step=1)
        yield log


def test_what_there_is_and_what_is_written_is_posted(log: Writer, tmp_path: Path) -> None:
    with following(tmp_path / "logs") as views:
        wait_for(views, records(1))
        log.log({"train/loss": "NaN"}, step=2)
        run = wait_for(views, records(2)).runs[0]
        assert run.status is Status.RUNNING
        assert [finding.rule for finding in run.findings] == ["non-finite"]


def test_a_run_that_begins_while_it_is_watched_is_posted(tmp_path: Path) -> None:
    with following(tmp_path) as views:
        assert wait_for(views, lambda view: not view.runs).failures == ()
        with Writer(tmp_path / "late") as log:
            log.log({"train/loss": 1.0}, step=1)
            assert wait_for(views, records(1)).runs[0].name == "late"


def test_a_path_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    with following(tmp_path / "later") as views:
        wait_for(views, lambda view: bool(view.failures))
        with Writer(tmp_path / "later") as log:
            log.log({"train/loss": 1.0}, step=1)
            assert wait_for(views, records(1)).failures == ()


def test_what_the_probe_reads_comes_with_the_views(log: Writer, tmp_path: Path) -> None:
    assert log.rank == 0
    with following(tmp_path / "logs", FakeProbe()) as views:
        view = wait_for(views, lambda view: view.machine is not None and bool(view.runs))
        assert view.machine == Machine(START, {"cpu": 0.5})


def test_the_probe_is_told_the_processes_of_the_runs_on_this_machine(
    log: Writer, tmp_path: Path
) -> None:
    probe = FakeProbe()
    assert log.rank == 0
    with following(tmp_path / "logs", probe):
        while not (pids := probe.pids.get(timeout=PATIENCE)):
            pass
    assert list(pids) == [os.getpid()]


def test_a_probe_that_hangs_holds_up_neither_views_nor_the_end(log: Writer, tmp_path: Path) -> None:
    probe = HangingProbe()
    with following(tmp_path / "logs", probe) as views:
        assert probe.begun.wait(PATIENCE)
        log.log({"train/loss": 1.0}, step=2)
        wait_for(views, records(2))
    probe.let_go.set()


def test_a_driver_that_hangs_does_not_stop_the_readings_of_the_host(
    log: Writer, tmp_path: Path
) -> None:
    begun, let_go = Event(), Event()

    class Wedged:
        asking = "GPU 0: power"

        def read(self) -> Sample:
            begun.set()
            let_go.wait(PATIENCE)
            return Sample()

    class Host:
        asking = ""

        def read(self) -> Sample:
            return Sample({"cpu": 0.5})

    seconds = iter(range(0, 10_000, 60))
    gpu = Aside("GPU", Wedged(), clock=lambda: float(next(seconds)))
    probe = MachineProbe((gpu, Aside("host", Host())), patience=0.2)
    with following(tmp_path / "logs", probe) as views:
        assert begun.wait(PATIENCE)
        log.log({"train/loss": 1.0}, step=2)
        wait_for(views, records(2))
        told = wait_for(views, lambda view: bool(view.machine and view.machine.readings)).machine
        assert told
        assert told.readings == {"cpu": 0.5}
        assert told.notes[0].startswith("GPU probe hangs since ")
    let_go.set()


def test_after_its_end_nothing_is_posted_and_no_thread_is_left(log: Writer, tmp_path: Path) -> None:
    with following(tmp_path / "logs") as views:
        wait_for(views, records(1))
    assert "trainmon-monitor" not in [thread.name for thread in threading.enumerate()]
    log.log({"train/loss": 1.0}, step=2)
    posted = [views.get_nowait() for _ in range(views.qsize())]
    assert not any(map(records(2), posted))


def test_an_end_before_anything_was_read_is_an_end(tmp_path: Path) -> None:
    with following(tmp_path):
        pass
    assert "trainmon-monitor" not in [thread.name for thread in threading.enumerate()]


def test_a_system_that_announces_nothing_is_told_and_polling_goes_on(tmp_path: Path) -> None:
    with following(tmp_path, wake=Wake(RefusingWatcher)) as views:
        told = wait_for(views, lambda view: bool(view.notices))
        assert "found by polling alone: inotify watch limit reached" in told.notices[0]
        with Writer(tmp_path / "run") as log:
            log.log({"train/loss": 1.0}, step=1)
        wait_for(views, records(1))


def test_what_a_silent_file_system_does_not_announce_is_found(tmp_path: Path) -> None:
    with following(tmp_path, wake=Wake(SilentWatcher)) as views:
        wait_for(views, lambda view: not view.runs)
        with Writer(tmp_path / "run") as log:
            log.log({"train/loss": 1.0}, step=1)
            wait_for(views, records(1))
            log.log({"train/loss": 1.0}, step=2)
        wait_for(views, records(2))
