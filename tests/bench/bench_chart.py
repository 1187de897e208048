"""How long one chart takes: 8 series of 10,000 points on 120 x 30 cells.

The ratio is against the least that any chart must do with such arrays, once over each of them:
`np.minimum.reduceat` and `np.maximum.reduceat` into as many columns.

    python -m tests.bench.bench_chart [--quick]
"""

from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np

from tests.bench.table import Row, main
from trainmon.ui.charts.chart import ChartOptions, Mark, Series
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart

SERIES = 8
POINTS = 10_000
HEIGHT, WIDTH = 30, 120
ROUNDS = 100
BUDGET_MS = 6.0


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call in milliseconds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times) * 1e3


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - as all benchmarks are called
    """Return the time of charts with and without smoothing, and of comparing two frames."""
    rounds = ROUNDS // 4 if quick else ROUNDS
    generator = np.random.default_rng(0)
    x = np.arange(POINTS, dtype=np.float64)
    values = [
        2 * np.exp(-x / 3_000) + 0.2 * row + generator.normal(0, 0.1, POINTS)
        for row in range(SERIES)
    ]
    series = [Series(x, y, Ink.TRAIN, Ink.TRAIN_RAW, f"run {row}") for row, y in enumerate(values)]
    marks = [Mark(4_000, 1.0, "●", Ink.ERROR, "epoch 3")]
    starts = np.arange(0, POINTS, POINTS // (2 * WIDTH))

    def floor() -> None:
        for y in values:
            np.minimum.reduceat(y, starts)
            np.maximum.reduceat(y, starts)

    before = draw_chart(HEIGHT, WIDTH, series, marks).grid
    after = draw_chart(HEIGHT, WIDTH, series[:-1], marks).grid
    options = {"raw": ChartOptions(), "smoothed, robust": ChartOptions(smooth=0.9, robust=True)}
    works: dict[str, Callable[[], object]] = {
        f"chart 8 x 10,000 points, {name}": partial(
            draw_chart, HEIGHT, WIDTH, series, marks, option
        )
        for name, option in options.items()
    }
    works["comparing two frames"] = partial(after.changed, before)
    floor_ms = median_ms(floor, rounds)
    return [
        Row(what, median_ms(work, rounds), "ms", BUDGET_MS, floor_ms, "min and max by reduceat")
        for what, work in works.items()
    ]


if __name__ == "__main__":
    main(measure)
