import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainmon.ui.charts.bins import binned
from trainmon.ui.charts.histogram import HistogramOptions, Quantile, draw_histogram
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration

nan, inf = float("nan"), float("inf")
WAITS = np.concatenate((np.full(50, 0.004), np.full(100, 0.005), np.full(60, 0.006), [0.3]))


def test_a_histogram_has_bars_axes_and_quantiles() -> None:
    quantiles = [Quantile(0.005, "median 5 ms"), Quantile(0.3, "p99 300 ms")]
    options = HistogramOptions(log=True, spelled=duration, spike_above=0.1)
    drawn = draw_histogram(8, 48, WAITS, quantiles, options)
    assert drawn.grid.text().splitlines() == [
        " 100┤       █ median 5 ms",
        "    │       █                    p99 300 ms ┊",
        "    │       █▅                              ┊",
        "  50┤     █ ██                              ┊",
        "    │     █ ██                              ┊",
        "   0┤     █ ██                              ▁",
        "    └────────────┬─────────────────┬────────────",
        "               10 ms            100 ms",
    ]
    assert [ink for text, ink in drawn.grid.runs(5) if text.strip() == "▁"] == [Ink.WARNING]


@pytest.mark.parametrize(
    ("values", "log"),
    [
        ([], False),
        ([nan, inf], True),
        ([3.0], False),
        ([3.0] * 50, True),
        ([1e-300, 1e300], True),
        ([1e-300, 1e300], False),
        ([-5.0, -1.0, 2.0], False),
        ([-5.0, 0.0], True),
        ([-1.7e308, 1.7e308], False),
    ],
)
def test_values_of_any_size_are_drawn(values: list[float], log: bool) -> None:  # noqa: FBT001 - a case
    drawn = draw_histogram(9, 50, values, [Quantile(3.0, "median")], HistogramOptions(log=log))
    assert drawn.grid.chars.shape == (9, 50)
    finite = [value for value in values if np.isfinite(value) and (value > 0 or not log)]
    assert drawn.bins.counts.sum() == len(finite)
    bars = sum((drawn.grid.chars[-3] == ord(block)).sum() for block in "▁▂▃▄▅▆▇█")
    assert bars == np.count_nonzero(drawn.bins.counts)


def test_a_single_value_among_a_million_is_seen() -> None:
    values = np.append(np.random.default_rng(0).normal(5, 0.1, 1_000_000), 50.0)
    drawn = draw_histogram(9, 50, values)
    assert "▁" in drawn.grid.text().splitlines()[-3][-8:]


def test_a_low_histogram_gives_up_its_axes() -> None:
    assert draw_histogram(2, 50, WAITS).plot.width == 50
    assert draw_histogram(0, 0, WAITS).grid.text() == ""
    assert draw_histogram(-2, -4, WAITS).grid.text() == ""


def test_a_label_that_has_no_room_is_left_out() -> None:
    text = draw_histogram(4, 20, WAITS, [Quantile(0.005, "a label that is too long")]).grid.text()
    assert "label" not in text


def test_bins_of_a_span_hold_what_lies_beyond_it_at_their_ends() -> None:
    assert binned([-1, 0.2, 0.7, 9], 2, span=(0, 1)).counts.tolist() == [2, 2]


any_value = st.one_of(st.floats(), st.floats(-10, 10), st.sampled_from([0.0, nan, inf, -inf]))


@settings(deadline=None)
@given(st.lists(any_value, max_size=50), st.integers(1, 60), st.booleans())
def test_every_finite_value_lands_in_exactly_one_bin(
    values: list[float],
    count: int,
    log: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    bins = binned(values, count, log=log)
    finite = [value for value in values if np.isfinite(value)]
    assert len(bins.counts) == count
    assert bins.counts.sum() + bins.hidden == len(finite)
    assert bins.broken == len(values) - len(finite)
    for value in finite:
        if value > 0 or not log:
            share = min(max(bins.scale.position(value), 0.0), 1.0)
            assert bins.counts[min(int(share * count), count - 1)] > 0


@settings(deadline=None)
@given(
    st.lists(any_value, max_size=20),
    st.integers(0, 12),
    st.integers(0, 40),
    st.booleans(),
    any_value,
)
def test_nothing_is_too_odd_to_draw(
    values: list[float],
    height: int,
    width: int,
    log: bool,  # noqa: FBT001 - drawn by hypothesis
    odd: float,
) -> None:
    options = HistogramOptions(log=log, span=(odd, 1.0), spike_above=odd)
    drawn = draw_histogram(height, width, values, [Quantile(odd, "odd")], options)
    assert drawn.grid.chars.shape == (height, width)
