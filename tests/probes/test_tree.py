"""The processes of a run and of its workers, with real processes."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.probes.clock import Clock
from trainmon.probes.family import children_below, descendants, read_children
from trainmon.probes.stat import Stat
from trainmon.probes.tree import Tree
from trainmon.probes.whole_host import WholeHost

RUN = """
import multiprocessing, subprocess, sys

def work(queue):
    while queue.get():
        pass

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    queue = context.Queue()
    workers = [context.Process(target=work, args=(queue,), daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    other = subprocess.Popen(["sleep", "60"])
    print("begun", flush=True)
    input()
    for _ in workers:
        queue.put(None)
    for worker in workers:
        worker.join()
    print("without workers", flush=True)
    input()
    other.kill()
    other.wait()
"""


@contextmanager
def running(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script that says when it has begun, and end it."""
    command = [sys.executable, script, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as run:  # type: ignore[call-overload] # noqa: S603 - our own interpreter
        assert run.stdout.readline() == "begun\n"
        try:
            yield run
        finally:
            for child in psutil.Process(run.pid).children(recursive=True):
                child.kill()
            run.kill()


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[str]]:
    if request.param not in multiprocessing.get_all_start_methods():
        pytest.skip("this system starts no processes so")
    script = tmp_path_factory.mktemp("run") / "train.py"
    script.write_text(RUN)
    with running(str(script), request.param) as begun:
        yield begun


def tree_of(pid: int, clock: Clock) -> Tree:
    """Return a run's processes as they are now."""
    tree = Tree(pid, clock)
    tree.find((pid, *descendants(pid, read_children())))
    return tree


def test_a_run_is_its_process_and_its_workers_and_no_other_child_is_a_worker(
    run: subprocess.Popen[str],
) -> None:
    clock = Clock()
    tree = tree_of(run.pid, clock)
    readings = tree.sample()
    assert readings["workers"] == 2.0
    assert readings["rss"] > 0
    assert readings["workers_rss"] > 0
    assert "cores" not in readings
    assert len(tree.pids) >= 4
    clock.pass_by(1.0)
    assert tree.sample()["cores"] >= 0


def test_workers_that_have_ended_are_missed_at_the_next_sample(
    run: subprocess.Popen[str],
) -> None:
    clock = Clock()
    tree = tree_of(run.pid, clock)
    assert tree.sample()["workers"] == 2.0
    assert run.stdin
    assert run.stdout
    run.stdin.write("\n")
    run.stdin.flush()
    assert run.stdout.readline() == "without workers\n"
    clock.pass_by(1.0)
    readings = tree.sample()
    assert readings["workers"] == 0.0
    assert "workers_rss" not in readings


def test_what_a_run_uses_is_told_in_cores() -> None:
    clock = Clock()
    tree = Tree(os.getpid(), clock)
    tree.sample()
    before = sum(os.times()[:2])
    while sum(os.times()[:2]) - before < 0.1:
        pass
    clock.pass_by(0.5)
    readings = tree.sample()
    assert readings["cores"] >= 0.18
    assert 0 < readings["cores_allowed"] <= (os.cpu_count() or 1)


def test_a_run_that_has_ended_has_no_processes() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    with pytest.raises(psutil.NoSuchProcess):
        Tree(child.pid)


def test_the_host_tells_its_runs_apart_and_forgets_those_that_are_not_watched() -> None:
    host = WholeHost()
    host.pids = (os.getpid(), 2**31 - 1)
    sample = host.read()
    assert sample.readings[f"run{os.getpid()}/rss"] > 0
    assert os.getpid() in sample.trees[os.getpid()]
    assert sample.readings["load"] >= 0
    host.pids = ()
    sample = host.read()
    assert not sample.trees
    assert not [name for name in sample.readings if name.startswith("run")]


def test_the_processes_of_the_host_are_looked_through_now_and_then_alone() -> None:
    clock, looks = Clock(), list[float]()

    def children() -> dict[int, list[int]]:
        looks.append(clock.now)
        return {}

    host = WholeHost(children=children, clock=clock)
    host.read()
    assert looks == []
    host.pids = (os.getpid(),)
    for _ in range(8):
        host.read()
        clock.pass_by(1.0)
    assert looks == [1_000.0, 1_005.0]
    host.pids = (os.getpid(), os.getppid())
    host.read()
    assert len(looks) == 3


def test_a_rank_that_another_one_began_is_none_of_its_workers() -> None:
    children = {1: [2, 3], 2: [4], 3: [5, 1]}
    assert descendants(1, children, (1, 2)) == [3, 5]
    assert descendants(2, children, (1, 2)) == [4]
    assert len(descendants(1, {n: [n + 1] for n in range(10_000)})) == 256


def test_how_a_run_chose_its_cards_is_read_from_its_environment_once() -> None:
    asked: list[int] = []
    told = {"HIP_VISIBLE_DEVICES": "2"}

    def environment(pid: int) -> dict[str, str]:
        asked.append(pid)
        return told

    host = WholeHost(environment=environment)
    host.pids = (os.getpid(),)
    for _ in range(3):
        assert host.read().choices == {os.getpid(): "2"}
    assert asked == [os.getpid()]
    unset = WholeHost(environment=lambda _: {})
    unset.pids = (os.getpid(),)
    assert unset.read().choices == {os.getpid(): None}
    secret = WholeHost(environment=lambda _: None)
    secret.pids = (os.getpid(),)
    assert secret.read().choices == {}


def test_a_process_that_waits_for_a_disk_or_is_suspended_is_told_so() -> None:
    clock, stands = Clock(), {os.getpid(): Stat("S", 100.0)}
    tree = Tree(os.getpid(), clock, stands.get)
    first = tree.sample()
    assert (first["disk_wait"], first["stopped"]) == (0.0, 0.0)
    clock.pass_by(2.0)
    stands[os.getpid()] = Stat("D", 160.0)
    second = tree.sample()
    assert (second["disk_wait"], second["faults"]) == (1.0, 30.0)
    stands[os.getpid()] = Stat("T", 160.0)
    clock.pass_by(1.0)
    assert tree.sample()["stopped"] == 1.0


def test_where_the_system_does_not_tell_how_processes_stand_nothing_is_told_of_it() -> None:
    assert (
        not {"disk_wait", "stopped", "faults"}
        & Tree(os.getpid(), stat=lambda _: None).sample().keys()
    )


def test_the_children_of_one_process_are_found_without_a_look_at_the_others(
    run: subprocess.Popen[str],
) -> None:
    found = descendants(run.pid, children_below(run.pid))
    assert sorted(found) == sorted(descendants(run.pid, read_children()))
    assert len(found) >= 3


def test_where_the_kernel_lists_no_children_all_processes_are_read(tmp_path: Path) -> None:
    (tmp_path / str(os.getpid()) / "task" / str(os.getpid())).mkdir(parents=True)
    assert os.getpid() in children_below(os.getpid(), tmp_path)[os.getppid()]
