"""How long one chart takes: 8 series of 10,000 points on 120 x 30 cells.

The ratio is against the least that any chart must do with such arrays, once over each of them:
`np.minimum.reduceat` and `np.maximum.reduceat` into as many columns.

    PYTHONPATH=src python tests/bench/bench_chart.py
"""
# ruff: noqa: T201 -- a script whose output is its purpose

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from trainmon.ui.charts.chart import ChartOptions, Mark, Series
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart

SERIES = 8
POINTS = 10_000
HEIGHT, WIDTH = 30, 120
ROUNDS = 100
BUDGET_MS = 6.0


def median_ms(work: Callable[[], object]) -> float:
    """Return the median time of a call in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times) * 1e3


def main() -> None:
    """Print the time of charts with and without smoothing, and of a comparison of two frames."""
    generator = np.random.default_rng(0)
    x = np.arange(POINTS, dtype=np.float64)
    rows = [
        2 * np.exp(-x / 3_000) + 0.2 * row + generator.normal(0, 0.1, POINTS)
        for row in range(SERIES)
    ]
    series = [Series(x, y, Ink.TRAIN, Ink.TRAIN_RAW, f"run {row}") for row, y in enumerate(rows)]
    marks = [Mark(4_000, 1.0, "●", Ink.ERROR, "epoch 3")]
    starts = np.arange(0, POINTS, POINTS // (2 * WIDTH))

    def floor() -> None:
        for y in rows:
            np.minimum.reduceat(y, starts)
            np.maximum.reduceat(y, starts)

    floor_ms = median_ms(floor)
    before = draw_chart(HEIGHT, WIDTH, series, marks).grid
    after = draw_chart(HEIGHT, WIDTH, series[:-1], marks).grid
    timings = {
        "raw": median_ms(lambda: draw_chart(HEIGHT, WIDTH, series, marks)),
        "smoothed": median_ms(
            lambda: draw_chart(HEIGHT, WIDTH, series, marks, ChartOptions(smooth=0.9))
        ),
        "robust": median_ms(
            lambda: draw_chart(HEIGHT, WIDTH, series, marks, ChartOptions(robust=True))
        ),
        "changed": median_ms(lambda: after.changed(before)),
    }
    print(f"{SERIES} x {POINTS:,} points, {WIDTH} x {HEIGHT} cells, budget {BUDGET_MS} ms")
    print(f"{'min and max by reduceat':<24} {floor_ms:7.2f} ms")
    for name, ms in timings.items():
        print(f"{name:<24} {ms:7.2f} ms {ms / floor_ms:7.1f} x")


if __name__ == "__main__":
    main()
