import numpy as np
import pytest
from numpy.testing import assert_array_equal

from trainmon.ui.charts.columns import columns
from trainmon.ui.charts.points import Points

nan = float("nan")


def test_a_column_keeps_its_extremes_and_its_ends() -> None:
    held = columns([Points.of([0, 1, 2, 3, 6], [5, 9, 1, 4, 7])], (0, 8), 2)
    assert held.low[0].tolist() == pytest.approx([nan, 1, 7, nan], nan_ok=True)
    assert held.high[0].tolist() == pytest.approx([nan, 9, 7, nan], nan_ok=True)
    assert held.first[0, 1:3].tolist() == [5, 7]
    assert held.last[0, 1:3].tolist() == [4, 7]
    assert held.mean[0, 1:3].tolist() == [4.75, 7]


def test_one_spike_in_a_million_points_is_not_lost() -> None:
    y = np.zeros(1_000_000)
    y[123_456] = 1.0
    held = columns([Points.of(np.arange(y.size), y)], (0, 1e6), 200)
    assert np.flatnonzero(held.high[0, 1:-1] == 1.0).tolist() == [123_456 * 200 // 1_000_000]


def test_a_column_without_points_holds_nothing() -> None:
    held = columns([Points.of([1, 9], [1, 2])], (0, 10), 5)
    assert held.held[0].tolist() == [True, False, False, False, True]


def test_the_last_column_holds_the_end_of_the_range() -> None:
    held = columns([Points.of([10], [3])], (0, 10), 5)
    assert held.high[0, 5] == 3


def test_the_nearest_points_outside_are_known() -> None:
    held = columns([Points.of([-100, -5, 15, 40], [1, 2, 3, 4])], (0, 10), 5)
    assert (held.first[0, 0], held.position[0, 0]) == (2, -2.5)
    assert (held.first[0, -1], held.position[0, -1]) == (3, 7.5)
    assert not held.held.any()


def test_points_are_sorted_and_those_with_equal_x_stay_in_order() -> None:
    points = Points.of([3, 1, 3, 2], [30, 10, 31, 20])
    assert (points.x.tolist(), points.y.tolist()) == ([1, 2, 3, 3], [10, 20, 30, 31])


def test_points_without_a_place_are_dropped() -> None:
    points = Points.of([nan, 1, float("inf")], [1, 2, 3])
    assert points.x.tolist() == [1]
    assert points.broken_x.size == 0


def test_a_value_that_is_not_finite_separates_its_neighbours() -> None:
    points = Points.of([0, 1, 2, 3], [5, nan, 6, 7])
    held = columns([points], (0, 4), 4)
    assert held.joined[0, 1:5].tolist() == [False, False, False, True]
    assert points.broken_x.tolist() == [1]


def test_what_a_logarithm_cannot_show_is_a_gap_and_counted() -> None:
    points = Points.of([0, 1, 2, 3], [5, 0, -1, nan], log=True)
    assert (points.x.tolist(), points.hidden, points.broken_x.tolist()) == ([0], 2, [3])


def test_the_mean_of_huge_values_does_not_overflow() -> None:
    held = columns([Points.of([0, 1, 2], [1.7e308, 1.7e308, 1.7e308])], (0, 4), 1)
    assert held.mean[0, 1] == pytest.approx(1.7e308)


def test_series_are_told_apart() -> None:
    held = columns([Points.of([0], [1]), Points.of([], []), Points.of([3], [2])], (0, 4), 4)
    assert_array_equal(
        held.held, [[True, False, False, False], [False] * 4, [False, False, False, True]]
    )


def test_x_and_y_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        Points.of([1, 2], [1])
