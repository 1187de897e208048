"""A process that trains, as seen from the benchmark: started, told to log, and killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.bench.trackers.tracker import Tracker

_GRACE = 2.0
"""Seconds that the processes beside a killed one get to write what they have. wandb's writer ends
within 0.1 s; its sampler of the machine lives on for five, with nothing to write any more."""

_LOOK_EVERY = 0.02
"""Seconds between two looks at whether those have ended."""

_LEADING_ELSEWHERE = ("WANDB_", "HF_", "TRACKIO_", "XDG_")
"""Beginnings of variables by which a tracker goes to other folders, or over the network."""


class Driven:
    """A training with one tracker, in a process and a folder of its own.

    Its methods raise `EOFError` if the process has ended by itself.
    """

    def __init__(self, tracker: Tracker, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._tracker, self._folder = tracker, folder
        self._steps = 0
        module = "tests.bench.trackers.training_process"
        with (folder / "stderr").open("wb") as stderr:
            self._process = subprocess.Popen(  # noqa: S603 - our own code
                [sys.executable, "-m", module, tracker.name, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=_environment(tracker, folder),
            )

    def wait_until_ready(self) -> None:
        """Return when the tracker has begun its run."""
        self._answer()

    def timed(self, calls: int) -> list[int]:
        """Have it log `calls` times in a row; return how long each took (ns)."""
        durations: list[int] = json.loads(self._told_to_log(calls, 0.0))
        return durations

    def log(self, calls: int, pause: float) -> None:
        """Have it log `calls` times, pausing for some seconds before each."""
        self._told_to_log(calls, pause)

    def lost_at_death(self, calls: int, pause: float) -> int:
        """Have it log `calls` times, pausing for some seconds before each, and kill it at once.

        Return how many of all records that it has logged are gone. The processes that belong to it
        live on until they have written what they have.
        """
        beside = self._beside()
        self._told_to_log(calls, pause)
        self._kill(beside)
        return len(set(range(self._steps)) - self._tracker.kept(self._folder))

    def end(self) -> None:
        """Kill it and what belongs to it, if it has not ended yet."""
        if self._process.poll() is None:
            self._kill(self._beside())

    def _beside(self) -> list[psutil.Process]:
        return psutil.Process(self._process.pid).children(recursive=True)

    def _kill(self, beside: Sequence[psutil.Process]) -> None:
        self._process.kill()
        self._process.communicate()
        _let_end(beside)

    def _told_to_log(self, calls: int, pause: float) -> bytes:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{calls} {pause}\n".encode())
        self._process.stdin.flush()
        self._steps += calls
        return self._answer()

    def _answer(self) -> bytes:
        assert self._process.stdout is not None
        if not (answer := self._process.stdout.readline()):
            said = (self._folder / "stderr").read_text(errors="replace").splitlines()
            raise EOFError(f"{self._tracker.name} ended: {said[-1] if said else 'in silence'}")
        return answer


def _environment(tracker: Tracker, folder: Path) -> dict[str, str]:
    """Return the variables of the process: all that it keeps for itself goes to its folder."""
    ours = {name: v for name, v in os.environ.items() if not name.startswith(_LEADING_ELSEWHERE)}
    places = {"HOME": str(folder), "TMPDIR": str(folder), "DO_NOT_TRACK": "1"}
    return ours | places | dict(tracker.environment(folder))


def _let_end(processes: Sequence[psutil.Process]) -> None:
    """Return when none of the processes runs any more; what outstays its time is killed."""
    deadline = time.monotonic() + _GRACE
    while running := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            for process in running:
                process.kill()
        time.sleep(_LOOK_EVERY)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
