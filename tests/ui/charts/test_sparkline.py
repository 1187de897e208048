import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.gauge import draw_gauge
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.sparkline import draw_sparkline

nan = float("nan")


def test_values_become_blocks_of_their_height() -> None:
    assert draw_sparkline(range(8), 8, Ink.SIGNAL).text() == "▁▂▃▄▅▆▇█"


def test_a_short_series_takes_a_cell_for_each_value() -> None:
    assert draw_sparkline([0, 1], 8, Ink.SIGNAL).text() == "▁█"


def test_a_spike_and_a_dip_survive_in_a_long_series() -> None:
    values = np.full(10_000, 5.0)
    values[2_000], values[7_000] = 9.0, 0.0
    assert draw_sparkline(values, 10, Ink.SIGNAL).text() == "▅▅█▅▅▅▅▁▅▅"


def test_blocks_that_hold_a_spike_have_another_ink() -> None:
    grid = draw_sparkline([1, 1, 9, 1], 4, Ink.SIGNAL, spike_above=5, spike_ink=Ink.WARNING)
    assert grid.runs(0) == [("▁▁", Ink.SIGNAL), ("█", Ink.WARNING), ("▁", Ink.SIGNAL)]


def test_a_value_that_is_not_finite_is_a_cross() -> None:
    grid = draw_sparkline([1, nan, 2, float("inf")], 4, Ink.SIGNAL)
    assert grid.runs(0) == [
        ("▁", Ink.SIGNAL),
        ("✖", Ink.ERROR),
        ("█", Ink.SIGNAL),
        ("✖", Ink.ERROR),
    ]


def test_a_constant_is_drawn_at_half_height() -> None:
    assert draw_sparkline([3, 3, 3], 3, Ink.SIGNAL).text() == "▄▄▄"


def test_a_fixed_span_does_not_move_with_the_values() -> None:
    assert draw_sparkline([0.9, 0.95], 2, Ink.SIGNAL, span=(0, 1)).text() == "██"


def test_no_values_are_an_empty_row() -> None:
    assert draw_sparkline([], 4, Ink.SIGNAL).text() == ""


@given(st.lists(st.floats(), max_size=50), st.integers(-1, 20))
def test_every_cell_of_any_series_has_a_block_or_a_cross(values: list[float], width: int) -> None:
    text = draw_sparkline(values, width, Ink.SIGNAL).text()
    assert len(text) == max(min(len(values), width), 0)
    assert set(text) <= set("▁▂▃▄▅▆▇█✖")


@pytest.mark.parametrize(
    ("share", "bar"),
    [
        (0.0, "░░░░"),
        (nan, "░░░░"),
        (-1.0, "░░░░"),
        (1e-9, "▏░░░"),
        (0.5, "██░░"),
        (0.59, "██▍░"),
        (0.9999, "███▉"),
        (1.0, "████"),
        (float("inf"), "████"),
    ],
)
def test_only_nothing_looks_empty_and_only_all_looks_full(share: float, bar: str) -> None:
    assert draw_gauge(share, 4, Ink.SIGNAL).text() == bar


def test_the_track_of_a_gauge_is_faint() -> None:
    assert draw_gauge(0.5, 4, Ink.GOOD).runs(0) == [("██", Ink.GOOD), ("░░", Ink.FAINT)]


def test_a_gauge_without_width_is_empty() -> None:
    assert draw_gauge(0.5, 0, Ink.GOOD).text() == ""
