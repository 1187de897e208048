"""Measures what it costs to have a thousand files in view of which none grows.

    python -m tests.bench.bench_following [--quick]

The looks are against a bare ``os.stat`` of each file in the same run.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from tests.bench.table import Row, main
from trainmon.monitor import Monitor
from trainmon.tail import Families, Follower, OpenFiles, Scanner

FILES = 1_000

FOLDER_SIZE = 10
"""Files of one folder: a run of some ranks."""

ROUNDS = 20
"""Interleaved looks at all files: their median leaves out a neighbour's burst of work."""

REST = 100.0
"""Seconds that all files have rested: looks are as rare then as they become."""

_SETTLING = 2.5
"""Seconds after which a folder that was not changed since is not listed again."""

LOOK_BUDGET = 4.0
"""Times a bare ``os.stat``: a follower has to find out that there is nothing to do."""

IDLE_BUDGET = 1.0
"""Percent of a core, everything included: looking, scanning, publishing."""


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return a look at each file, a scan of the folders, and the share of a core of it all."""
    with tempfile.TemporaryDirectory() as name:
        paths = make_files(Path(name))
        looks = [os.fspath(path) for path in paths]
        open_files, families = OpenFiles(), Families()
        followers = [Follower(path, open_files=open_files, families=families) for path in paths]
        scanner = Scanner([Path(name)])
        parts: dict[str, Callable[[], object]] = {
            "stat": lambda: [os.stat(look) for look in looks],  # noqa: PTH116 - the bare call
            "look": lambda: [follower.read(1) for follower in followers],
            "scan": scanner.scan,
        }
        while sum(follower.read(1 << 16) is not None for follower in followers):
            pass  # each is read to its end
        time.sleep(_SETTLING)
        seconds: dict[str, list[float]] = {part: [] for part in parts}
        for _ in range(ROUNDS):
            for part, work in parts.items():
                seconds[part].append(cpu_seconds(work))
        each = {part: 1e6 * median(runs) / FILES for part, runs in seconds.items()}
        open_files.close()
        share = idle_share(Path(name), 10.0 if quick else 60.0)
    beside = "os.stat"
    return [
        Row("look at a resting file", each["look"], "us", LOOK_BUDGET, each["stat"], beside, True),  # noqa: FBT003 - a ratio
        Row("scan, per file", each["scan"], "us", None, each["stat"], beside),
        Row(f"{FILES:,} files at rest", share, "% of a core", IDLE_BUDGET),
    ]


def idle_share(folder: Path, seconds: float) -> float:
    """Return the percentage of a core that a monitor takes with all files at rest."""
    monitor = Monitor([folder], live=True)
    now = 0.0
    while now < REST:
        more = monitor.step(now)
        now = now if more else max(monitor.next_due(now), now + 1e-3)

    def rest() -> None:
        at = now
        while at < now + seconds:
            monitor.step(at)
            at = max(monitor.next_due(at), at + 1e-3)

    return 100 * cpu_seconds(rest) / seconds


def make_files(folder: Path) -> list[Path]:
    """Return a thousand small logs, some to a folder."""
    paths = []
    for number in range(FILES):
        path = folder / f"run-{number // FOLDER_SIZE}" / f"log{number % FOLDER_SIZE}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.4}\n')
        paths.append(path)
    return paths


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call."""
    started = process_time()
    work()
    return process_time() - started


if __name__ == "__main__":
    main(measure)
