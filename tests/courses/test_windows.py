"""Baselines: what each sample is measured against, at any cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.courses.windows import MINIMUM, WINDOW, Trail, baselines

VALUES = np.random.default_rng(0).lognormal(size=900)


def test_there_is_no_baseline_before_eight_samples() -> None:
    base = baselines(Trail(), VALUES[:20])
    assert np.isnan(base.median[:MINIMUM]).all()
    assert np.isfinite(base.median[MINIMUM:]).all()


def test_a_baseline_never_holds_the_sample_that_it_judges() -> None:
    values = np.ones(400)
    values[300] = 1e9
    assert baselines(Trail(), values).mad[300] == 0


def test_a_full_window_is_the_last_two_hundred_samples_at_its_renewal() -> None:
    base = baselines(Trail(), VALUES)
    window = VALUES[700 - WINDOW : 700]
    assert base.median[720] == np.median(window)
    assert base.mad[720] == np.median(np.abs(window - np.median(window)))


@given(st.lists(st.integers(1, 899), max_size=20, unique=True).map(sorted))
def test_the_baselines_are_the_same_at_any_cut(borders: list[int]) -> None:
    whole = baselines(Trail(), VALUES)
    trail, medians, mads = Trail(), [], []
    for piece in np.split(VALUES, borders):
        base = baselines(trail, piece)
        trail = base.trail
        medians.append(base.median)
        mads.append(base.mad)
    assert np.array_equal(np.concatenate(medians), whole.median, equal_nan=True)
    assert np.array_equal(np.concatenate(mads), whole.mad, equal_nan=True)


@pytest.mark.parametrize("cut", [1, 7, 500])
def test_the_spread_of_logarithms_is_the_same_at_any_cut(cut: int) -> None:
    which = np.array([100, 450, 620])
    trail, told = Trail(), []
    for start in range(0, len(VALUES), cut):
        base = baselines(trail, VALUES[start : start + cut])
        trail = base.trail
        told += base.log_mad(np.arange(len(base.median))).tolist()
    assert [told[index] for index in which] == baselines(Trail(), VALUES).log_mad(which).tolist()


def test_values_that_are_not_positive_have_no_spread_of_logarithms() -> None:
    assert baselines(Trail(), VALUES - 10).log_mad(np.array([300])).tolist() == [0.0]


def test_no_samples_leave_the_trail_as_it_was() -> None:
    trail = baselines(Trail(), VALUES).trail
    assert baselines(trail, np.empty(0)).trail == trail


def test_samples_that_come_one_by_one_are_measured_as_in_one_read() -> None:
    whole, trail = baselines(Trail(), VALUES), Trail()
    for value, median, mad in zip(VALUES.tolist(), whole.median, whole.mad, strict=True):
        trail = trail.with_one(value)
        assert np.array_equal((trail.median, trail.mad), (median, mad), equal_nan=True)


@pytest.mark.parametrize("singly", [1, 7, 49, 230])
def test_samples_that_came_one_by_one_are_part_of_the_next_windows(singly: int) -> None:
    whole, trail = baselines(Trail(), VALUES), baselines(Trail(), VALUES[:333]).trail
    for value in VALUES[333 : 333 + singly].tolist():
        trail = trail.with_one(value)
    rest = baselines(trail, VALUES[333 + singly :])
    assert rest.median.tolist() == whole.median[333 + singly :].tolist()
    which = np.arange(20)
    assert rest.log_mad(which).tolist() == whole.log_mad(which + 333 + singly).tolist()
    assert rest.before(5).tolist() == whole.before(333 + singly + 5).tolist()
