import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.ui.charts.smoothing import smoothed

COLUMNS = 250
"""Columns at which the weight is that from one column to the next."""


def smoothed_row(values: list[float], weight: float) -> list[float]:
    row = np.full((1, COLUMNS + 2), np.nan)
    row[0, 1 : len(values) + 1] = values
    position = np.arange(-1.0, COLUMNS + 1)[None, :]
    result: list[float] = smoothed(row, position, weight)[0, 1 : len(values) + 1].tolist()
    return result


def test_without_weight_nothing_is_smoothed() -> None:
    assert smoothed_row([1, 5, 2], 0.0) == pytest.approx([1, 5, 2])


def test_a_constant_stays_constant() -> None:
    assert smoothed_row([3.0] * 50, 0.95) == pytest.approx([3.0] * 50)


def test_the_line_does_not_move_before_the_values_do() -> None:
    jump = [1.0] * 100 + [5.0] * 100
    line = smoothed_row(jump, 0.9)
    assert line[:100] == pytest.approx([1.0] * 100)
    assert line[100] > 1.0


def test_the_newest_value_is_the_debiased_average_of_those_before() -> None:
    values = [4.0, 1.0, 2.0]
    expected = (0.25 * 4 + 0.5 * 1 + 2) / 1.75
    assert smoothed_row(values, 0.5)[-1] == pytest.approx(expected)


def test_the_first_value_stays_what_it_is() -> None:
    assert smoothed_row([9.0, 1, 1, 1], 0.9)[0] == pytest.approx(9.0)


def test_an_empty_column_stays_empty_and_stops_nothing() -> None:
    result = smoothed_row([1.0, float("nan"), 1.0], 0.9)
    assert result == pytest.approx([1.0, float("nan"), 1.0], nan_ok=True)


def test_values_far_apart_are_hardly_smoothed() -> None:
    values = [float("nan")] * 201
    values[0], values[100], values[200] = 1.0, 5.0, 2.0
    assert smoothed_row(values, 0.9)[100] == pytest.approx(5.0, abs=1e-3)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60),
    st.floats(0, 1),
)
def test_an_average_lies_between_the_values(values: list[float], weight: float) -> None:
    result = smoothed_row(values, weight)
    size = max(map(abs, values))
    assert all(
        min(values) / 2 - 1e-9 * size <= value / 2 <= max(values) / 2 + 1e-9 * size
        for value in result
    )
