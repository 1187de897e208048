"""What waits on a line that takes 10 kB a second, and how long a key does: a poor SSH connection.

Our screen and the minimal Textual app follow the same file at the same time, at 200 x 60. What a
program has written and the far end has not got yet is its backlog; it is looked at all the time.

    python -m tests.bench.bench_slow_line [--quick]
"""

import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

import psutil
from psutil import Process

from tests.bench.bench_first_frame import has_curves
from tests.bench.bench_screen import focus_moved, time_of
from tests.bench.bench_steady import HEIGHT, PER_SECOND, RECORDS, WIDTH
from tests.bench.table import Row, main
from tests.bench.terminal import Screen, Shown, Terminal
from tests.bench.training import MINIMAL, WATCH, Pace, Training

BYTES_PER_SECOND = 10_000.0

SECONDS = 40
PRESSES = 30

BACKLOG = 5_000.0
"""Bytes: half a second of the line, within which a key is still answered at once."""

KEY = 250.0
"""Milliseconds: a quarter of a second is felt and forgiven."""

_LINE = "10 kB/s"

_LOOK_EVERY = 1.0
"""Seconds after which the clock is looked at though nothing came."""

_SETTLING = 8.0
"""Seconds after which the first frame, which is the largest, has long gone through."""

_PATIENCE = 60.0
"""Seconds until a screen has to have gone through the line."""


class Line(NamedTuple):
    """How a program did on the line."""

    backlog: float
    """The most bytes that were written and had not arrived."""
    per_frame: float
    """Bytes of a frame."""
    frames: float
    """Frames a second."""
    keys: list[float]
    """Milliseconds from each key to what it changed."""


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return backlog, frames and keys of our screen beside those of the minimal app."""
    seconds, presses = (SECONDS // 4, PRESSES // 3) if quick else (SECONDS, PRESSES)
    with tempfile.TemporaryDirectory() as name:
        training = Training(Path(name) / "run", RECORDS)
        with (
            slow([*WATCH, str(training.file.parent)]) as screen,
            slow([*MINIMAL, str(training.file)]) as minimal,
            ThreadPoolExecutor() as readers,
        ):
            screen.wait_for(has_curves, _PATIENCE)
            with Pace(training, PER_SECOND):
                both = [
                    readers.submit(watched, terminal, seconds, presses, change)
                    for terminal, change in ((screen, focus_moved), (minimal, key_told))
                ]
                ours, floor = (each.result() for each in both)
    beside = "minimal app"
    return [
        Row(f"{_LINE}, backlog", ours.backlog, "B", BACKLOG, floor.backlog, beside),
        Row(f"{_LINE}, a frame", ours.per_frame, "B", None, floor.per_frame, beside),
        Row(f"{_LINE}, frames", ours.frames, "/s", None, floor.frames, beside),
        Row(f"{_LINE}, key tab, p50", median(ours.keys), "ms", KEY, median(floor.keys), beside),
        Row(f"{_LINE}, key tab, longest", max(ours.keys), "ms", None, max(floor.keys), beside),
    ]


def slow(command: list[str]) -> Terminal:
    """Start a program at the other end of the line."""
    return Terminal(command, height=HEIGHT, width=WIDTH, per_second=BYTES_PER_SECOND)


def watched(
    terminal: Terminal, seconds: float, presses: int, change: Callable[[Screen], Shown]
) -> Line:
    """Watch a program live for some seconds, then press keys."""
    terminal.read_for(_SETTLING)
    waiting: list[int] = []
    read, frames = terminal.bytes_read, terminal.frames
    end = perf_counter() + seconds
    while perf_counter() < end:
        looks = terminal.outputs(_LOOK_EVERY)
        waiting.extend(written(terminal) - terminal.bytes_read for _ in looks)
    frames = terminal.frames - frames
    per_frame = (terminal.bytes_read - read) / max(frames, 1)
    keys = [1e3 * time_of(terminal, "\t", change) for _ in range(presses)]
    # What a program wrote elsewhere is no backlog, and now and then all has arrived.
    return Line(max(waiting) - min(waiting), per_frame, frames / seconds, keys)


def written(terminal: Terminal) -> int:
    """Return the bytes that a program has written so far, here and elsewhere.

    Raises OSError where the system does not tell.
    """
    try:
        return int(Process(terminal.process.pid).io_counters().write_chars)
    except (psutil.Error, AttributeError) as error:
        raise OSError("the system does not tell what a process writes") from error


def key_told(screen: Screen) -> Shown:
    """Return what tells that the minimal app has got one more key: a record may come just then."""
    before = _keys_in(screen)
    return lambda screen: _keys_in(screen) > before


def _keys_in(screen: Screen) -> int:
    told = re.search(r"(\d+) keys", screen.row(0))
    return int(told[1]) if told else 0


if __name__ == "__main__":
    main(measure)
