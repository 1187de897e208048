import os
import subprocess
import sys

import psutil
import pytest

from trainmon.liveness import Process
from trainmon.probes.process import environment_of, name_of, process_of

HOST = os.uname().nodename
STARTED = psutil.Process().create_time()


def header(pid: object, *, host: object = HOST, time: object = STARTED + 1) -> dict[str, object]:
    return {"pid": pid, "host": host, "time": time}


def test_our_own_process_is_alive() -> None:
    assert process_of(header(os.getpid())) is Process.ALIVE


def test_a_process_that_has_ended_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert process_of(header(child.pid)) is Process.GONE


def test_a_process_that_nobody_has_buried_yet_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_of(header(child.pid)) is Process.GONE
    child.wait()


def test_a_pid_that_was_given_to_a_younger_process_is_gone() -> None:
    assert process_of(header(os.getpid(), time=STARTED - 3_600)) is Process.GONE


def test_a_clock_that_was_set_back_a_little_makes_nothing_young() -> None:
    assert process_of(header(os.getpid(), time=STARTED - 1)) is Process.ALIVE


def test_of_a_process_on_another_host_nothing_is_known() -> None:
    assert process_of(header(os.getpid(), host="another-host")) is Process.UNKNOWN


@pytest.mark.parametrize("pid", [None, "1", 0, -1, 1.5, True, [1]], ids=repr)
def test_of_what_is_no_pid_nothing_is_known(pid: object) -> None:
    assert process_of(header(pid)) is Process.UNKNOWN


@pytest.mark.parametrize("pid", [2**31, 2**62, 10**30], ids=repr)
def test_a_pid_beyond_all_bounds_is_no_living_process(pid: int) -> None:
    assert process_of(header(pid)) is not Process.ALIVE


def test_an_empty_header_tells_nothing() -> None:
    assert process_of({}) is Process.UNKNOWN


def test_a_header_without_a_time_is_believed() -> None:
    assert process_of(header(os.getpid(), time=None)) is Process.ALIVE


def test_a_process_tells_its_name_and_the_environment_that_it_began_with() -> None:
    command = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "3"},
    ) as child:
        assert child.stdout
        assert child.stdout.readline() == b"\n"
        assert name_of(child.pid).startswith("python")
        told = environment_of(child.pid) or {}
        assert told["CUDA_VISIBLE_DEVICES"] == "3"
        child.communicate(b"\n")


@pytest.mark.parametrize("pid", [2**31 - 1, -1, 2**62], ids=repr)
def test_of_a_process_that_is_not_there_nothing_is_told(pid: int) -> None:
    assert name_of(pid) == ""
    assert environment_of(pid) is None
