"""What every chart promises: no series is too odd, no value is lost, and the axes are right."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trainmon.ui.charts.bars import draw_bars
from trainmon.ui.charts.chart import Chart, ChartOptions, Series
from trainmon.ui.charts.gauge import draw_gauge
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.heatmap import HeatOptions, HeatRow, draw_heatmap
from trainmon.ui.charts.histogram import HistogramOptions, draw_histogram
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart
from trainmon.ui.charts.sparkline import draw_sparkline

nan, inf = float("nan"), float("inf")

Draw = Callable[[int, int, list[float]], Grid]


def line(options: ChartOptions) -> Draw:
    return lambda height, width, values: chart_of(height, width, values, options).grid


def chart_of(height: int, width: int, values: list[float], options: ChartOptions) -> Chart:
    steps = list(range(len(values)))
    return draw_chart(height, width, [Series(steps, values, Ink.TRAIN)], (), options)


def heat(options: HeatOptions) -> Draw:
    return lambda height, width, values: (
        draw_heatmap(
            height,
            width,
            [HeatRow([("row", Ink.TEXT)], list(range(len(values))), values)],
            options,
        ).grid
    )


def histogram(options: HistogramOptions) -> Draw:
    return lambda height, width, values: draw_histogram(height, width, values, (), options).grid


CHARTS: dict[str, Draw] = {
    "line": line(ChartOptions()),
    "line, logarithmic": line(ChartOptions(log_y=True)),
    "band": line(ChartOptions(smooth=0.9)),
    "band, robust": line(ChartOptions(smooth=0.9, robust=True)),
    "heat map": heat(HeatOptions()),
    "heat map, logarithmic": heat(HeatOptions(log=True)),
    "histogram": histogram(HistogramOptions()),
    "histogram, logarithmic": histogram(HistogramOptions(log=True)),
    "sparkline": lambda _, width, values: draw_sparkline(values, width, Ink.SIGNAL),
    "bars": lambda height, width, values: draw_bars(values, height, width, Ink.SIGNAL),
    "gauge": lambda _, width, values: draw_gauge((values or [nan])[0], width, Ink.SIGNAL),
}

SERIES: dict[str, list[float]] = {
    "none": [],
    "one": [0.7],
    "one NaN": [nan],
    "constant": [3.0] * 40,
    "zero": [0.0] * 40,
    "NaN alone": [nan] * 40,
    "infinities": [inf, -inf, 1.0, inf],
    "NaN between": [1.0, nan, 2.0] * 20,
    "tiny": [1e-300, 3e-300, 2e-300],
    "huge": [1e300, -1e300, 5e299],
    "all magnitudes": [10.0**power for power in range(-300, 301, 10)],
    "the largest there is": [1.7976931348623157e308, -1.7976931348623157e308],
    "the smallest there is": [5e-324, 0.0, -5e-324],
    "nearly equal": [1.0, 1.0 + 2**-52, 1.0],
    "long": np.sin(np.arange(5_000)).tolist(),
}

SIZES = [(0, 0), (1, 1), (1, 30), (2, 3), (5, 24), (12, 7), (20, 80)]


@pytest.mark.parametrize("values", SERIES.values(), ids=SERIES.keys())
@pytest.mark.parametrize("draw", CHARTS.values(), ids=CHARTS.keys())
def test_no_series_is_too_odd_to_draw_at_any_size(draw: Draw, values: list[float]) -> None:
    for height, width in SIZES:
        grid = draw(height, width, values)
        assert grid.width == width
        assert grid.height in {1, height}
        assert grid.chars.shape == grid.inks.shape


VALUES = [name for name, values in SERIES.items() if np.isfinite(values).any()]


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize(
    "chart", ["line", "band", "heat map", "histogram", "sparkline"], ids=lambda name: name
)
def test_where_there_is_a_value_there_is_something_to_be_seen(chart: str, name: str) -> None:
    nothing = CHARTS[chart](20, 80, [])
    assert (CHARTS[chart](20, 80, SERIES[name]).inks != nothing.inks).any()


@pytest.mark.parametrize("chart", [name for name in CHARTS if name not in {"gauge", "bars"}])
def test_what_is_not_finite_is_told_or_counted_and_hides_no_other(chart: str) -> None:
    grid = CHARTS[chart](20, 80, SERIES["NaN between"])
    assert Ink.ERROR in grid.inks or "histogram" in chart
    assert {Ink.TRAIN, Ink.SIGNAL, Ink.SIGNAL_RAW} & {Ink(ink) for ink in np.unique(grid.inks)}


@pytest.mark.parametrize("place", [0, 1, 777, 4_999])
@pytest.mark.parametrize("chart", ["line", "band", "sparkline", "bars", "heat map"])
def test_one_spike_in_thousands_changes_the_picture_where_it_is(chart: str, place: int) -> None:
    calm = np.full(5_000, 1.0)
    spiked = calm.copy()
    spiked[place] = 100.0
    before, after = (CHARTS[chart](20, 80, values.tolist()) for values in (calm, spiked))
    changed = np.flatnonzero((before.chars != after.chars).any(axis=0))
    assert changed.size
    assert any(abs(col / 80 - place / 5_000) < 0.15 for col in changed.tolist())


finite = st.floats(-1e300, 1e300)


@settings(deadline=None)
@given(st.lists(finite, min_size=1, max_size=30), st.booleans(), st.integers(8, 40))
def test_a_label_of_the_y_axis_stands_where_its_value_is(
    values: list[float],
    log: bool,  # noqa: FBT001 - drawn by hypothesis
    height: int,
) -> None:
    chart = chart_of(height, 60, values, ChartOptions(log_y=log))
    told = [(row, text[: chart.plot.col - 1].strip()) for row, text in labelled(chart)]
    assume(not any(len(label) >= 10 for _, label in told))  # it was cut
    assert told
    for row, label in told:
        wide = chart.y.high / 2 - chart.y.low / 2
        rounding = abs(number_of(label)) * 1e-2 + 1e-9 * abs(wide)
        rows = [chart.row_of(number_of(label) + error) for error in (-rounding, 0.0, rounding)]
        seen = [each for each in rows if each is not None]
        assert seen
        assert min(seen) - 1 <= row <= max(seen) + 1


@settings(deadline=None)
@given(st.integers(2, 10**9), st.integers(30, 120))
def test_a_label_of_the_x_axis_stands_below_its_step(last: int, width: int) -> None:
    chart = draw_chart(12, width, [Series([0, last], [1.0, 2.0], Ink.TRAIN)])
    axis, names = chart.grid.text().splitlines()[-2:]
    ticks = [col for col, glyph in enumerate(axis) if glyph == "┬"]
    labels = [each for each in re.finditer(r"\S+", names) if each[0] != "step"]
    assert labels
    for label in labels:
        col = chart.column_of(number_of(label[0]))
        assert col is not None
        assert any(abs(col - tick) <= 1 for tick in ticks)
        assert label.start() - 1 <= col <= label.end()


def labelled(chart: Chart) -> list[tuple[int, str]]:
    """Return the rows of a chart that have a tick, with their text."""
    rows = chart.grid.text().splitlines()[: chart.plot.height]
    axis = chart.plot.col - 1
    return [(row, text) for row, text in enumerate(rows) if text[axis : axis + 1] == "┤"]


def number_of(label: str) -> float:
    """Return the number that a label of an axis spells."""
    suffixes = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    return float(label.rstrip("kMBT").replace(",", "")) * suffixes.get(label[-1], 1.0)


@given(st.floats(), st.integers(0, 80))
def test_a_gauge_is_as_full_as_its_share_to_an_eighth_of_a_cell(share: float, width: int) -> None:
    text = draw_gauge(share, width, Ink.SIGNAL).text()
    eighths = sum(" ▏▎▍▌▋▊▉█".index(glyph) for glyph in text if glyph != "░")
    told = 0.0 if np.isnan(share) else min(max(share, 0.0), 1.0)
    assert abs(eighths - told * width * 8) <= 1
    assert (eighths == 0) == (told == 0 or not width)
    assert not width or (eighths == width * 8) == (told == 1)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=200), st.integers(1, 40))
def test_where_a_sparkline_rises_or_falls_it_goes_from_the_lowest_block_to_the_highest(
    values: list[float], width: int
) -> None:
    blocks = draw_sparkline(values, width, Ink.SIGNAL).text()
    assert len(blocks) == min(len(values), width)
    assert len(set(blocks)) == 1 or {"▁", "█"} <= set(blocks)


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=200), st.integers(1, 8))
def test_bars_lose_no_value_and_the_highest_is_full(values: list[float], height: int) -> None:
    grid = draw_bars(values, height, 40, Ink.SIGNAL)
    lowest = grid.text().splitlines()[-1]
    assert len(lowest) == min(len(values), 40)
    assert " " not in lowest
    assert "█" in grid.text().splitlines()[0]
