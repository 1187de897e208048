"""Measures what it costs to follow a run of a thousand ranks, each of which logs once a second.

    python -m tests.bench.bench_ranks [--quick]

Another process appends to the files as ranks do that go on together. They are followed without a
screen, by the monitor thread with all rules, and at the same time with one; each process tells its
CPU time. Beside it stands the least that can be done: ``os.stat``, a read and ``orjson.loads`` of
what is new in each file, once a second. Quick is with a quarter of the ranks.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import process_time

import orjson
from psutil import Process

from tests.bench.bench_steady import cpu_seconds
from tests.bench.table import Row, main
from tests.bench.terminal import Terminal
from tests.bench.training import WATCH
from trainmon.log_files import RANKS_A_SECOND

RANKS, QUICK_RANKS = 1_024, 256

BUDGET = 10.0
"""Percent of a core for a thousand ranks: reading, judging each of them, and all side by side."""

PAST = 256
"""Steps that are there when the following begins: what is found out of a young run is known."""

CYCLES = 1
"""Times that all files are read while it is measured: whole ones, as their reads come together."""

HEIGHT, WIDTH = 36, 120

_RANKS_OF_A_HOST = 8

_TRICKLE = 0.05
"""Of what was there: whoever reads less in a second has read that, and follows what is new."""

_PATIENCE = 60.0
"""Seconds that it may take on a busy machine."""

_ROUNDS = 5
"""Times that the least is done: their median leaves out a neighbour's burst of work."""

_FEEDER = "from sys import argv; from tests.bench.bench_ranks import feed; feed(*argv[1:])"


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return the share of a core that following takes, without a screen and with one."""
    ranks = QUICK_RANKS if quick else RANKS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        files = make_run(folder, ranks)
        watch = [*WATCH, str(folder)]
        with (
            running([sys.executable, "-c", _FEEDER, str(folder), str(ranks)]),
            running(watch) as plain,
            Terminal(watch, height=HEIGHT, width=WIDTH) as screen,
        ):
            followers = [Process(plain.pid), Process(screen.process.pid)]
            wait_until_read(followers, screen, sum(path.stat().st_size for path in files))
            shares = shares_of(followers, screen, CYCLES * ranks / RANKS_A_SECOND)
        least = 100 * median(least_seconds(files) for _ in range(_ROUNDS))
    what, beside = f"{ranks:,} ranks of 1 Hz", "stat, read, orjson"
    budget = None if quick else BUDGET
    return [
        Row(what, shares[0], "% of a core", budget, least, beside),
        Row(f"{what}, with a screen", shares[1], "% of a core", None, least, beside),
    ]


def make_run(folder: Path, ranks: int) -> list[Path]:
    """Return the files of a run that has a past."""
    folder.mkdir()
    now, files = time.time(), []
    for rank in range(ranks):
        host = f"node-{rank // _RANKS_OF_A_HOST}"
        header = {"trainmon": 1, "run": "many", "time": now - PAST, "rank": rank, "host": host}
        lines = [orjson.dumps(header | {"world_size": ranks}, option=orjson.OPT_APPEND_NEWLINE)]
        lines += [line_of(rank, step, now - PAST + step) for step in range(PAST)]
        files.append(folder / f"rank{rank}.jsonl")
        files[-1].write_bytes(b"".join(lines))
    return files


def line_of(rank: int, step: int, now: float) -> bytes:
    """Return what a rank logs of a step: what ``log.batches`` and ``log.watch`` measure."""
    noise = (step * 7_919 + rank * 104_729) % 1_000 / 1_000
    record = {
        "step": step,
        "time": now + noise / 1_000,
        "train/loss": 2.0 / (1 + step / 500) + noise / 10,
        "lr": 3e-4,
        "grad_norm": 1.0 + noise,
        "data_time": 0.004 + noise / 1_000,
        "work_time": 0.8 + noise / 50,
        "step_time": 1.0,
        "samples": 256 * step,
    }
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def feed(folder: str, ranks: str) -> None:
    """Append a step to all files every second, until this process is killed."""
    opened = [
        os.open(f"{folder}/rank{n}.jsonl", os.O_WRONLY | os.O_APPEND) for n in range(int(ranks))
    ]
    step, due = PAST, time.time()
    while True:
        now = time.time()
        for rank, descriptor in enumerate(opened):
            os.write(descriptor, line_of(rank, step, now))
        step, due = step + 1, due + 1.0
        time.sleep(max(0.0, due - time.time()))


@contextmanager
def running(command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program without a terminal as long as the block runs."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own commands
        try:
            yield process
        finally:
            process.kill()


def wait_until_read(followers: Sequence[Process], screen: Terminal, size: int) -> None:
    """Wait until all have read what was there; raise TimeoutError if that takes too long."""
    end, before = time.perf_counter() + _PATIENCE, [0] * len(followers)
    while True:
        screen.read_for(1.0)
        read = [process.io_counters().read_chars for process in followers]
        grew = max(now - then for now, then in zip(read, before, strict=True))
        if min(read) > size and grew < size * _TRICKLE:
            return
        if time.perf_counter() > end:
            raise TimeoutError(f"{size:,} bytes were not read within {_PATIENCE} s")
        before = read


def shares_of(followers: Sequence[Process], screen: Terminal, seconds: float) -> list[float]:
    """Return the percentage of a core that each process takes over some seconds."""
    began, before = time.perf_counter(), [*map(cpu_seconds, followers)]
    screen.read_for(seconds)
    took = time.perf_counter() - began
    after = map(cpu_seconds, followers)
    return [100 * (now - then) / took for now, then in zip(after, before, strict=True)]


def least_seconds(files: Sequence[Path]) -> float:
    """Return the CPU time of looking at each file, and of reading and parsing its last line."""
    began = process_time()
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        size = os.stat(path).st_size  # noqa: PTH116 - the bare call
        data = os.pread(descriptor, _LINE, size - _LINE)
        orjson.loads(data[data.index(b"\n") + 1 :])
        os.close(descriptor)
    return process_time() - began


_LINE = 250
"""Bytes in which a whole line ends: two are not in them."""


if __name__ == "__main__":
    main(measure)
