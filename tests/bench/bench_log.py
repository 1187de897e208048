"""What the writer costs a training loop, as ratios against what cannot be left out.

``log()`` of ten numbers is measured beside its floor, one ``orjson.dumps`` and one ``os.write`` of
the same line, in turns within one process; importing trainmon and making a writer beside a bare
``import orjson``, each in a process of its own.

    python -m tests.bench.bench_log [--quick]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import orjson

from tests.bench.table import Row, main, quantile
from trainmon import Writer

CALLS = 2_000
"""Calls of one turn: a few milliseconds, so that both sides of a pair meet the same machine."""

TURNS = 50
"""Pairs of turns: the median over them settles within 2 %."""

STARTS = 15
"""Processes started of each kind, in turns."""

METRICS = {
    "train/loss": 1.2345678901234567,
    "train/loss/main": 1.0345678901234567,
    "train/loss/aux": 0.2,
    "lr": 0.00029134,
    "grad_norm": 3.4567890123456789,
    "weight_norm/head": 12.345678901234567,
    "data_time": 0.0012345678901,
    "step_time": 0.1234567890123,
    "samples": 1_234_567,
    "amp/scale": 65536.0,
}

BARE = "import orjson"
WRITER = """
import sys, trainmon
trainmon.Writer(sys.argv[1])
print(int("numpy" in sys.modules))
"""


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the cost of a call and of a start, beside their floors."""
    with tempfile.TemporaryDirectory() as folder:
        ours, floors = log_and_floor(Path(folder), TURNS // 5 if quick else TURNS)
        start, bare, numpy_loaded = start_times(Path(folder), STARTS // 3 if quick else STARTS)
    rows = [
        Row(
            f"log() of 10 scalars, {name}",
            quantile(ours, share) / 1e3,
            "us",
            budget,
            quantile(floors, share) / 1e3,
            "orjson.dumps + os.write",
            as_ratio=True,
        )
        for name, share, budget in (("median", 0.50, 2.0), ("p99", 0.99, 3.0))
    ]
    what = "import and Writer()" + (", numpy loaded" if numpy_loaded else "")
    return [*rows, Row(what, start * 1e3, "ms", 40.0, bare * 1e3, "import orjson")]


def log_and_floor(folder: Path, turns: int) -> tuple[list[int], list[int]]:
    """Return the durations (ns) of `log()` and of its floor."""
    writer = Writer(folder / "run")
    descriptor = os.open(folder / "floor", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    line = {"step": 123_456, "time": time.time(), **METRICS}

    def log() -> None:
        writer.log(METRICS, step=123_456)

    def floor() -> None:
        os.write(descriptor, orjson.dumps(line, None, orjson.OPT_APPEND_NEWLINE))

    ours: list[int] = []
    floors: list[int] = []
    for turn in range(turns):
        pair = [(log, ours), (floor, floors)]
        for call, durations in pair if turn % 2 else reversed(pair):
            durations.extend(timed(call))
    os.close(descriptor)
    writer.finish()
    return ours, floors


def timed(call: Callable[[], None]) -> list[int]:
    """Return the durations (ns) of `CALLS` calls."""
    clock = time.perf_counter_ns
    durations = []
    for _ in range(CALLS):
        start = clock()
        call()
        durations.append(clock() - start)
    return durations


def start_times(folder: Path, starts: int) -> tuple[float, float, bool]:
    """Return the median seconds that making a writer and a bare import take beyond the interpreter.

    The third value tells whether numpy was loaded on the way.
    """
    empty: list[float] = []
    bare: list[float] = []
    ours: list[float] = []
    loaded = False
    for turn in range(starts):
        empty.append(run("pass")[0])
        bare.append(run(BARE)[0])
        seconds, output = run(WRITER, str(folder / f"start{turn}"))
        ours.append(seconds)
        loaded |= output.strip() != "0"
    return median(ours) - median(empty), median(bare) - median(empty), loaded


def run(code: str, *arguments: str) -> tuple[float, str]:
    """Return how many seconds an interpreter took for `code`, and what it printed."""
    start = time.perf_counter()
    command = [sys.executable, "-c", code, *arguments]
    process = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    return time.perf_counter() - start, process.stdout


if __name__ == "__main__":
    main(measure)
