"""The floor of a series: held in the same room and in the same stretches at any cut."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainmon.hardware.lows import NO_LOWS, PART, Lows, quarter_slopes

LENGTH = 1_000
ROWS = np.arange(LENGTH * PART, dtype=np.int32)
VALUES = np.random.default_rng(0).normal(size=LENGTH * PART)


def _held(borders: list[int]) -> tuple[Lows, list[Lows]]:
    lows, every = NO_LOWS, list[Lows]()
    for start, stop in pairwise((0, *borders, LENGTH)):
        part = slice(start * PART, stop * PART)
        for after in lows.extended(ROWS[part], VALUES[part]):
            lows = after
            every += [after] if not after.held else []
    return lows, every


@given(st.lists(st.integers(1, LENGTH - 1), max_size=12, unique=True).map(sorted))
def test_the_floor_does_not_depend_on_the_cut(borders: list[int]) -> None:
    assert _held(borders) == _held([])


def test_a_stretch_is_as_low_as_its_lowest_sample() -> None:
    lows, _ = _held([])
    assert len(lows.values) < 64
    width = lows.parts * PART
    first = VALUES[: len(lows.values) * width].reshape(-1, width).min(axis=1)
    assert list(lows.values) == first.tolist()


def test_samples_that_are_not_finite_count_for_nothing() -> None:
    values = np.ones(2 * PART)
    values[:3] = np.nan, -np.inf, np.inf
    *_, lows = NO_LOWS.extended(ROWS[: 2 * PART], values)
    assert lows.values == (1.0, 1.0)


def test_a_step_has_a_slope_in_one_quarter_alone() -> None:
    slopes = quarter_slopes(np.repeat([1.0, 2.0], 20))
    assert sum(slope > 0 for slope in slopes) <= 1
