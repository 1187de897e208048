"""Thinning: what stands for many samples, and what survives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainmon.store.thinning import buckets, thinned

NUMBERS = st.floats(allow_infinity=True, allow_nan=True, width=32).map(float)


@given(arrays(np.float64, st.integers(1, 200), elements=NUMBERS), st.sampled_from([4, 16, 64]))
def test_least_and_greatest_of_each_bucket_survive(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], width: int
) -> None:
    rows = np.arange(len(values), dtype=np.int32)
    taken = buckets(rows, width)
    standing = rows[taken.standing]
    told = thinned(values, taken)
    assert len(standing) == len(told) <= 3 * -(-len(values) // width)
    for start in range(0, len(values), width):
        here = told[(standing >= start) & (standing < start + width)] + 0.0  # no -0.0
        every = values[start : start + width] + 0.0
        np.testing.assert_equal(np.fmin.reduce(here), np.fmin.reduce(every))
        np.testing.assert_equal(np.fmax.reduce(here), np.fmax.reduce(every))
        np.testing.assert_equal(here[-1], every[-1])


def test_what_was_thinned_can_be_thinned_again() -> None:
    values = np.random.default_rng(0).normal(size=640)
    rows = np.arange(640, dtype=np.int32)
    once = buckets(rows, 16)
    kept, told = rows[once.standing], thinned(values, once)
    twice = thinned(told, buckets(kept, 64))
    assert (twice.min(), twice.max(), twice[-1]) == (values.min(), values.max(), values[-1])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_bucket_of_few_samples_stays_as_it_is(count: int) -> None:
    rows = np.array([3, 64, 90], np.int32)[:count]
    values = np.array([5.0, np.nan, 7.0])[:count]
    np.testing.assert_array_equal(thinned(values, buckets(rows, 128)), values)


def test_which_samples_stay_depends_on_their_rows_alone() -> None:
    rows = np.arange(0, 1_000, 3, dtype=np.int32)
    rng = np.random.default_rng(1)
    taken = buckets(rows, 64)
    assert len(thinned(rng.normal(size=334), taken)) == len(taken.standing)
    assert len(thinned(np.zeros(334), taken)) == len(taken.standing)
