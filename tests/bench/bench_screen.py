"""How long a key takes to change the screen while records arrive.

`tab` moves the focus: the border of a panel changes its style. `y` draws the charts anew: the
title of the loss tells the scale.

    python -m tests.bench.bench_screen [--quick]
"""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.bench.bench_first_frame import has_curves
from tests.bench.bench_steady import HEIGHT, PER_SECOND, RECORDS, WIDTH
from tests.bench.table import Row, main
from tests.bench.terminal import Screen, Shown, Terminal
from tests.bench.training import MINIMAL, WATCH, Pace, Training

PRESSES = 40

_SETTLING = 4.0
"""Seconds after which all has been read, drawn, and set apart from garbage collection."""

_PAUSE = 0.2, 0.4
"""Least and most seconds between two keys: no rhythm that would meet frames at the same place."""


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return the median and the longest time of both keys."""
    presses = PRESSES // (2 if quick else 1)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        training = Training(Path(name) / "run", RECORDS)
        command = [*WATCH, str(training.file.parent)]
        with (
            Terminal(command, height=HEIGHT, width=WIDTH) as terminal,
            Terminal(MINIMAL, height=HEIGHT, width=WIDTH) as minimal,
            Pace(training, PER_SECOND),
        ):
            terminal.wait_for(has_curves)
            minimal.wait_for(lambda screen: "ready" in screen.row(0))
            terminal.read_for(_SETTLING)
            for key, what, change in KEYS:
                times, floors = [], []
                for _ in range(presses):
                    floors.append(1e3 * time_of(minimal, key, line_changed))
                    times.append(1e3 * time_of(terminal, key, change))
                rows += [
                    Row(f"key {what}, p50", median(times), "ms", 8.0, median(floors), BESIDE),
                    Row(f"key {what}, longest", max(times), "ms", 60.0, max(floors), BESIDE),
                ]
    return rows


def time_of(terminal: Terminal, key: str, change: Callable[[Screen], Shown]) -> float:
    """Return the seconds from a key to what it changes."""
    terminal.read_for(random.uniform(*_PAUSE))  # noqa: S311 - not secret
    changed = change(terminal.screen)
    return -terminal.press(key) + terminal.wait_for(changed)


def line_changed(screen: Screen) -> Shown:
    """Return what tells that the first row changed."""
    before = screen.row(0)
    return lambda screen: screen.row(0) != before


def focus_moved(screen: Screen) -> Shown:
    """Return what tells that any border changed its style."""
    before = corners(screen)
    return lambda screen: corners(screen) != before


def corners(screen: Screen) -> list[str]:
    """Return the styles of all upper left corners of panels."""
    return [
        style
        for cells, styles in zip(screen.cells, screen.styles, strict=True)
        for cell, style in zip(cells, styles, strict=True)
        if cell == "╭"
    ]


def scale_told(screen: Screen) -> Shown:
    """Return what tells that the loss went to the other scale."""
    before = "log, smoothed" in screen.text()
    return lambda screen: ("log, smoothed" in screen.text()) != before


KEYS = (("\t", "tab, the focus", focus_moved), ("y", "y, the charts", scale_told))

BESIDE = "minimal app"

if __name__ == "__main__":
    main(measure)
