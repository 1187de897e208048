"""How long it takes from the start of the program to the first paint and to the first curves.

Each round starts the minimal Textual app, then our screen on a run of 20,000 records.

    python -m tests.bench.bench_first_frame [--quick]
"""

import tempfile
from pathlib import Path
from statistics import median

from tests.bench.table import Row, main
from tests.bench.terminal import Screen, Terminal
from tests.bench.training import MINIMAL, WATCH, Training

RECORDS = 20_000

ROUNDS = 11

_BRAILLE = range(0x2801, 0x2900)
"""What curves are drawn with; the empty pattern is no curve."""


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return the medians over all rounds as ratios to the minimal app."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        Training(folder, RECORDS)
        one_round(folder)  # compiles all modules
        rounds = [one_round(folder) for _ in range(5 if quick else ROUNDS)]
    floor, paint, curves = (1e3 * median(times) for times in zip(*rounds, strict=True))
    return [
        Row("start to first paint", paint, "ms", 1.3, floor, "minimal app", as_ratio=True),
        Row("start to first curves", curves, "ms", 2.5, floor, "minimal app", as_ratio=True),
    ]


def one_round(folder: Path) -> tuple[float, float, float]:
    """Return the seconds to the minimal app's paint, to our paint, and to our curves."""
    with Terminal(MINIMAL) as minimal:
        floor = minimal.wait_for(painted) - minimal.started
    with Terminal([*WATCH, str(folder)]) as ours:
        paint = ours.wait_for(painted) - ours.started
        curves = ours.wait_for(has_curves) - ours.started
    return floor, paint, curves


def painted(screen: Screen) -> bool:
    """Return whether there is anything on the screen."""
    return bool(screen.text().strip())


def has_curves(screen: Screen) -> bool:
    """Return whether there is a curve on the screen."""
    return any(ord(cell) in _BRAILLE for row in screen.cells for cell in row)


if __name__ == "__main__":
    main(measure)
