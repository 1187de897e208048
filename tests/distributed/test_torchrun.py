"""Real ranks: four processes that torchrun starts and that average their gradients, on a CPU."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import psutil

from trainmon.incidents import Incident
from trainmon.monitor import Monitor
from trainmon.probes.process import process_of
from trainmon.view import RunView, Status

SCRIPT = Path(__file__).parents[1] / "examples" / "ranks.py"

HASTE = 5.0
"""Seconds by which the clock is put forward at each look, as ranks must be silent for some time."""

PATIENCE = 60.0
"""Seconds that a busy machine may need to load torch in five processes."""


@contextmanager
def _torchrun(folder: Path, *options: str, watching: float = 0.1) -> Iterator[int]:
    """Train in four processes as long as the block runs, at most; give torchrun's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "4"),
        *("--master-addr", "127.0.0.1", "--master-port", str(port)),
        *("--monitor-interval", str(watching), str(SCRIPT), str(folder), *options),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own script
    try:
        yield process.pid
    finally:
        children = psutil.Process(process.pid).children() if process.poll() is None else []
        process.terminate()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait(PATIENCE)


def _wait(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def _checked(folder: Path) -> RunView:
    (run,) = Monitor([folder], process=process_of, strict=True).read_all(time.time()).runs
    return run


def _of(run: RunView, rule: str) -> list[Incident]:
    return [finding for finding in run.findings if finding.rule == rule]


def _pids(folder: Path) -> list[int]:
    first = [path.read_bytes().split(b"\n")[0] for path in sorted(folder.glob("*.jsonl"))]
    return [orjson.loads(line)["pid"] for line in first]


def test_the_rank_that_all_others_wait_for_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with _torchrun(folder, "--slow", "1") as pid:
        _wait(pid)
    run = _checked(folder)
    assert (run.status, len(run.lanes)) == (Status.FINISHED, 4)
    assert [lane.rank for lane in run.lanes if len(lane.samples("work_time"))] == [0, 1, 2, 3]
    (finding,) = _of(run, "straggler-rank")
    assert f"rank 1 ({os.uname().nodename}, process 1)" in finding.title
    assert (finding.rank, finding.metric) == (1, "work_time")
    assert finding.evidence["time"] > 0.012 > finding.evidence["middle"]
    assert not _of(run, "rank-desync")


def test_the_rank_that_was_killed_is_named_with_its_step(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    monitor = Monitor([folder], process=process_of, live=True, strict=True)
    with _torchrun(folder, "--dies", "2", "40", watching=PATIENCE):
        end, now = time.monotonic() + PATIENCE, time.time()
        told: dict[str, Incident] = {}
        while not told and time.monotonic() < end:
            time.sleep(0.1)
            now += HASTE
            while monitor.step(now):
                pass
            found = [finding for run in monitor.view.runs for finding in run.findings]
            told = {finding.rule: finding for finding in found if finding.rank == 2}
    # While the first rank waits for it, its process is missed; else the failures of the others
    # tell which one said nothing.
    finding = told.get("crashed") or told["rank-desync"]
    assert finding.onset_step == 40
    assert f"rank 2 ({os.uname().nodename}" in finding.title

    run = _checked(folder)  # later, when no process can be asked any more
    assert run.status is Status.CRASHED
    assert 2 in {finding.rank for finding in _of(run, "rank-desync")}
    assert all(finding.evidence["last_step"] == 40 for finding in _of(run, "rank-desync"))
    assert not any(map(psutil.pid_exists, _pids(folder)))
