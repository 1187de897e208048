"""What a live screen takes of a core and of the line: two losses of 10,000 points, 20 records/s.

Our screen and the minimal Textual app follow the same file at the same time, at 200 x 60.

    python -m tests.bench.bench_steady [--quick]
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from psutil import Process

from tests.bench.bench_first_frame import has_curves
from tests.bench.table import Row, main
from tests.bench.terminal import Terminal
from tests.bench.training import MINIMAL, WATCH, Pace, Training

RECORDS = 10_000
PER_SECOND = 20
SECONDS = 30
HEIGHT, WIDTH = 60, 200

_SETTLING = 4.0
"""Seconds after which all has been read, drawn and loaded."""


class Cost(NamedTuple):
    """What a program took per second."""

    core_percent: float
    bytes_sent: float


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return CPU and bytes while records arrive and while none do."""
    seconds = SECONDS // (3 if quick else 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        training = Training(folder, RECORDS)
        with (
            Terminal([*WATCH, str(folder)], height=HEIGHT, width=WIDTH) as ours,
            Terminal([*MINIMAL, str(training.file)], height=HEIGHT, width=WIDTH) as floor,
        ):
            ours.wait_for(has_curves)
            with Pace(training, PER_SECOND):
                costs((ours, floor), _SETTLING)
                live, live_floor = costs((ours, floor), seconds)
            costs((ours, floor), _SETTLING)
            idle, idle_floor = costs((ours, floor), seconds / 2)
    beside = "minimal app"
    return [
        Row("steady, CPU", live.core_percent, "%", 8.0, live_floor.core_percent, beside),
        Row("steady, bytes", live.bytes_sent, "B/s", 6_000.0, live_floor.bytes_sent, beside),
        Row("idle, CPU", idle.core_percent, "%", None, idle_floor.core_percent, beside),
        Row("idle, bytes (age and machine)", idle.bytes_sent, "B/s"),
    ]


def costs(terminals: tuple[Terminal, ...], seconds: float) -> list[Cost]:
    """Return what each program takes over some seconds."""
    with ThreadPoolExecutor() as readers:
        return list(readers.map(cost, terminals, [seconds] * len(terminals)))


def cost(terminal: Terminal, seconds: float) -> Cost:
    """Return what one program takes over some seconds."""
    process = Process(terminal.process.pid)
    started, sent, used = perf_counter(), terminal.bytes_read, cpu_seconds(process)
    terminal.read_for(seconds)
    took = perf_counter() - started
    used_now, sent_now = cpu_seconds(process), terminal.bytes_read
    return Cost(100 * (used_now - used) / took, (sent_now - sent) / took)


def cpu_seconds(process: Process) -> float:
    """Return the CPU time of a process and its children so far, and the system's for them."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


if __name__ == "__main__":
    main(measure)
