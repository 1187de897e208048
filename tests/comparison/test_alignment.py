"""Two curves at the same places."""

import numpy as np
from numpy.typing import ArrayLike

from trainmon.comparison.alignment import GRID, aligned
from trainmon.reference import Axis, Curve


def _curve(steps: ArrayLike, values: ArrayLike) -> Curve:
    return Curve(np.asarray(values, np.float64), {Axis.STEP: np.asarray(steps, np.float64)})


def test_only_what_both_have_gone_through_is_compared() -> None:
    first = _curve(np.arange(0, 100, 10), np.arange(10))
    both = aligned(first, _curve(np.arange(50, 200, 10), np.arange(15)), Axis.STEP)
    assert both.places.tolist() == [50, 60, 70, 80, 90]
    assert both.values.tolist() == [5, 6, 7, 8, 9]
    assert both.others.tolist() == [0, 1, 2, 3, 4]


def test_the_places_are_those_of_the_curve_with_fewer_values() -> None:
    few = _curve([100, 200, 300], [3, 2, 1])
    many = _curve(np.arange(1_000), np.arange(1_000))
    for both in (aligned(few, many, Axis.STEP), aligned(many, few, Axis.STEP)):
        assert both.places.tolist() == [100, 200, 300]
    assert both.values.tolist() == [100, 200, 300]
    assert both.others.tolist() == [3, 2, 1]


def test_between_its_values_a_curve_is_a_straight_line() -> None:
    first = _curve([0, 10, 20], [0, 1, 2])
    both = aligned(first, _curve([0, 5, 15, 20], [1, 1, 1, 1]), Axis.STEP)
    assert both.others.tolist() == [1, 1, 1]


def test_long_noisy_curves_are_compared_by_medians() -> None:
    rng = np.random.default_rng(0)
    first, second = (_curve(np.arange(20_000), rng.normal(1, 0.5, 20_000)) for _ in range(2))
    both = aligned(first, second, Axis.STEP)
    assert len(both.places) == GRID
    assert np.abs(both.values - 1).max() < 0.15


def test_evaluations_after_a_few_samples_more_are_at_the_same_place() -> None:
    first = _curve([4_000, 8_000, 12_000], [1, 2, 3])
    second = _curve([3_968, 7_936, 11_904], [1, 2, 3])
    both = aligned(first, second, Axis.STEP)
    assert both.values.tolist() == both.others.tolist() == [1, 2, 3]


def test_places_that_are_not_told_are_left_out() -> None:
    first = _curve([np.nan, 1, 2, 3], [9, 1, 2, 3])
    assert aligned(first, first, Axis.STEP).values.tolist() == [1, 2, 3]
