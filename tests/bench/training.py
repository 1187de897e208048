"""A training run as the benchmarks see it: a log with a past, and records at a steady pace."""

import json
import math
import os
import random
import sys
import time
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

WATCH = (sys.executable, "-m", "trainmon", "watch")
MINIMAL = (sys.executable, "-m", "tests.bench.minimal_app")

STEP_SECONDS = 0.05
"""Time between two records of the past."""

_EVALUATION_STEPS = 100


def line_of(step: int, moment: float, noise: random.Random, **changes: float | str) -> bytes:
    """Return one record of a run that learns steadily and is evaluated now and then."""
    loss = 0.4 + 2 * math.exp(-step / 4_000) + noise.gauss(0, 0.05)
    record = {
        "step": step,
        "epoch": round(step / 1_000, 3),
        "time": round(moment, 3),
        "train/loss": loss,
        "lr": 3e-4 * (0.5 + 0.5 * math.cos(math.pi * min(step / 100_000, 1))),
        "grad_norm": math.exp(noise.gauss(0, 0.3)),
        "data_time": 0.002 + abs(noise.gauss(0, 0.0002)),
        "step_time": 0.05 + abs(noise.gauss(0, 0.002)),
    }
    if step % _EVALUATION_STEPS == 0:
        record["val/loss"] = 0.5 + 2 * math.exp(-step / 4_000) + noise.gauss(0, 0.01)
    return json.dumps(record | changes).encode() + b"\n"


class Training:
    """A run in a folder that may go on: `step` is that of its last record."""

    def __init__(self, folder: Path, records: int) -> None:
        folder.mkdir(parents=True)
        self.file = folder / "rank0.jsonl"
        self.step = records
        self._noise = random.Random(0)  # noqa: S311 - repeatable, not secret
        start = time.time() - records * STEP_SECONDS
        host, config = os.uname().nodename, {"lr": 3e-4, "total_steps": 100_000, "clip": 1.0}
        # This process writes the log; a header older than it would be of another one.
        header = {"trainmon": 1, "run": folder.name, "time": time.time(), "host": host}
        header |= {"pid": os.getpid(), "config": config}
        with self.file.open("wb") as file:
            file.write(json.dumps(header).encode() + b"\n")
            for step in range(1, records + 1):
                file.write(line_of(step, start + step * STEP_SECONDS, self._noise))
        self._descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND)

    def log(self, **changes: float | str) -> float:
        """Append the next record, with other values where given, and return when."""
        line = line_of(self.step + 1, time.time(), self._noise, **changes)
        moment = time.perf_counter()
        os.write(self._descriptor, line)
        self.step += 1
        return moment


class Pace:
    """Logs records of a training at a rate while the block runs, in a thread; notes when."""

    def __init__(self, training: Training, per_second: float) -> None:
        self.written: dict[int, float] = {}
        """When each step was written, by `perf_counter`."""
        self._training = training
        self._period = 1 / per_second
        self._stopping = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.perf_counter()
        while not self._stopping.wait(max(due - time.perf_counter(), 0)):
            moment = self._training.log()
            self.written[self._training.step] = moment
            due += self._period
