"""How long a written line takes to change a cell: at one record a second, at twenty, and a NaN.

For each record: from its write until the screen shows its step or a later one. The minimal Textual
app follows the same file at the same time on a terminal of its own.

    python -m tests.bench.bench_latency [--quick]
"""

import re
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import sleep

from tests.bench.table import Row, main, quantile
from tests.bench.terminal import Screen, Terminal
from tests.bench.training import MINIMAL, WATCH, Pace, Training

RECORDS = 1_000
"""Records of the past."""

SECONDS = {1: 60, 20: 20}
"""How long each rate is watched."""

NANS = 7

_SETTLING = 2.0
"""Seconds until a screen has drawn its past and the follower has found its pace."""

_GRACE = 1.5
"""Seconds in which the last record must have been seen."""

_STEP = re.compile(r"step ([\d,]+)")


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return the rows of both rates and of the NaN."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for rate, budgets in ((1, {0.5: 150.0, 0.99: 400.0}), (20, {0.5: 220.0, 0.99: None})):
            seconds = SECONDS[rate] // (4 if quick else 1)
            ours, floor = latencies(Path(name) / f"rate{rate}", rate, seconds)
            for share, budget in budgets.items():
                what = f"line to cell, {rate}/s, p{100 * share:g}"
                floor_ms = 1e3 * quantile(floor, share)
                row = Row(what, 1e3 * quantile(ours, share), "ms", budget, floor_ms, "minimal app")
                rows.append(row)
        times = [1e3 * nan_to_finding(Path(name) / f"nan{i}") for i in range(2 if quick else NANS)]
        rows.append(Row("NaN to finding, median", median(times), "ms", 500.0))
        rows.append(Row("NaN to finding, longest", max(times), "ms"))
    return rows


def latencies(folder: Path, rate: int, seconds: float) -> tuple[list[float], list[float]]:
    """Return the latencies of our screen and of the minimal app, in seconds."""
    training = Training(folder, RECORDS)
    with (
        Terminal([*WATCH, str(folder)]) as ours,
        Terminal([*MINIMAL, str(training.file)]) as floor,
        ThreadPoolExecutor() as readers,
    ):
        ours.wait_for(lambda screen: step_of(screen) == RECORDS)
        floor.wait_for(lambda screen: "ready" in screen.row(0))
        ours.read_for(_SETTLING)
        sightings = [readers.submit(steps_seen, t, seconds + _GRACE) for t in (ours, floor)]
        with Pace(training, rate) as pace:
            sleep(seconds)
        ours_seen, floor_seen = (sighting.result() for sighting in sightings)
    return delays(pace.written, ours_seen), delays(pace.written, floor_seen)


def steps_seen(terminal: Terminal, seconds: float) -> dict[int, float]:
    """Return when the screen first showed each of its steps."""
    seen: dict[int, float] = {}
    for moment in terminal.outputs(seconds):
        seen.setdefault(step_of(terminal.screen), moment)
    return seen


def delays(written: Mapping[int, float], seen: Mapping[int, float]) -> list[float]:
    """Return how long each written step took until it, or a later one, was seen."""
    if max(seen, default=0) < max(written):
        raise TimeoutError(f"step {max(written)} was never shown, the last was {max(seen)}")
    return [
        min(moment for shown, moment in seen.items() if shown >= step) - written_at
        for step, written_at in written.items()
    ]


def nan_to_finding(folder: Path) -> float:
    """Return the seconds from the write of the first NaN loss to its finding on the screen."""
    training = Training(folder, RECORDS)
    with Terminal([*WATCH, str(folder)]) as terminal:
        terminal.wait_for(lambda screen: step_of(screen) == RECORDS)
        with Pace(training, 5):
            terminal.read_for(_SETTLING)
        written = training.log(**{"train/loss": "NaN"})
        return terminal.wait_for(lambda screen: "● non-finite" in screen.text()) - written


def step_of(screen: Screen) -> int:
    """Return the step that the first row tells, or -1."""
    found = _STEP.search(screen.row(0))
    return int(found[1].replace(",", "")) if found else -1


if __name__ == "__main__":
    main(measure)
