"""Where two curves part for good: not on noise, not for a while, not on one bad draw."""

import numpy as np
import pytest

from trainmon.comparison.alignment import Aligned
from trainmon.comparison.parting import Parting, parting
from trainmon.store.batch import Floats

PLACES = np.arange(1.0, 65.0)
FALLING = 0.3 + 2.0 * np.exp(-PLACES / 12)


def _parting(values: Floats, others: Floats) -> Parting | None:
    return parting(Aligned(PLACES[: len(values)], values, others))


@pytest.mark.parametrize("noise", [0.002, 0.05, 0.3])
def test_noise_alone_does_not_part_two_runs(noise: float) -> None:
    rng = np.random.default_rng(0)
    parted = 0
    for _ in range(200):
        first, second = FALLING * rng.lognormal(0, noise, (2, len(PLACES)))
        parted += _parting(first, second) is not None
    assert parted <= 1


def test_two_runs_that_part_are_parted_where_they_do() -> None:
    rng = np.random.default_rng(0)
    first, second = FALLING * rng.lognormal(0, 0.02, (2, len(PLACES)))
    second[20:] *= 1.5
    found = _parting(first, second)
    assert found is not None
    assert not found.above
    assert 18 <= found.index <= 24


def test_runs_that_slowly_drift_apart_are_parted_once_the_noise_is_passed() -> None:
    rng = np.random.default_rng(0)
    first, second = FALLING * rng.lognormal(0, 0.01, (2, len(PLACES)))
    found = _parting(first * np.linspace(1, 1.5, len(PLACES)), second)
    assert found is not None
    assert found.above
    assert 3 <= found.index <= 20


def test_runs_that_come_together_again_have_not_parted() -> None:
    second = FALLING.copy()
    second[10:40] *= 2
    assert _parting(FALLING, second) is None


def test_the_last_crossing_counts() -> None:
    second = FALLING * 1.5
    second[30:] = FALLING[30:] / 1.5
    found = _parting(FALLING, second)
    assert found == Parting(30, above=True)


def test_one_bad_draw_at_the_end_parts_nothing() -> None:
    second = FALLING.copy()
    second[-1] *= 3
    assert _parting(FALLING, second) is None


def test_what_another_seed_makes_parts_nothing() -> None:
    assert _parting(FALLING, FALLING * 1.015) is None


def test_equal_runs_do_not_part_even_at_zero() -> None:
    assert _parting(np.zeros(64), np.zeros(64)) is None


def test_few_values_must_be_further_apart() -> None:
    values = np.array([0.5, 0.6, 0.65, 0.67])
    assert _parting(values, values * 0.95) is None
    assert _parting(values, values * np.array([1, 0.8, 0.8, 0.8])) == Parting(1, above=True)


def test_a_run_that_is_not_finite_any_more_has_parted_there() -> None:
    second = FALLING.copy()
    second[40:] = np.nan
    assert _parting(FALLING, second) == Parting(40, above=True)


def test_values_of_both_that_are_not_finite_part_nothing() -> None:
    first, second = FALLING.copy(), FALLING.copy()
    first[40:], second[40:] = np.nan, np.inf
    assert _parting(first, second) is None
