from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from trainmon.ui.charts.braille import BRAILLE, drawn
from trainmon.ui.charts.columns import columns
from trainmon.ui.charts.points import Points
from trainmon.ui.charts.scale import Scale

nan = float("nan")


def picture(
    x: Sequence[float], y: Sequence[float], height: int, width: int, top: float = 1.0
) -> list[str]:
    """Return the cells of one line whose x runs from 0 to the number of dots."""
    held = columns([Points.of(x, y)], (0, 2 * width), 2 * width)
    cells = drawn(held, Scale(0, top), height)[0]
    return ["".join(chr(BRAILLE + bits) if bits else " " for bits in row) for row in cells.tolist()]


def test_the_ends_of_the_scale_are_the_outermost_dots() -> None:
    assert picture([0, 1], [1, 1], 1, 1) == ["⠉"]
    assert picture([0, 1], [0, 0], 1, 1) == ["⣀"]


def test_a_diagonal_is_one_dot_wide() -> None:
    x = list(range(8))
    assert picture(x, [7 - i for i in x], 2, 4, top=7) == ["⠑⢄  ", "  ⠑⢄"]


def test_a_steep_line_leaves_no_dot_out_and_lights_none_twice() -> None:
    assert picture([0, 1], [0, 7], 2, 1, top=7) == ["⢸", "⡇"]


def test_empty_columns_are_bridged() -> None:
    assert picture([0, 7], [0, 1], 1, 4) == ["⣀⠤⠒⠉"]


def test_a_gap_is_not_bridged() -> None:
    assert picture([0, 1, 4, 6, 7], [0, 0, nan, 0, 0], 1, 4) == ["⣀  ⣀"]


def test_all_values_of_a_column_are_shown() -> None:
    assert picture([0, 0.2, 0.4], [0.4, 1, 0], 1, 1) == ["⡇"]


def test_a_single_point_is_a_single_dot() -> None:
    assert picture([0], [0], 1, 2) == ["⡀ "]


def test_no_points_are_no_dots() -> None:
    assert picture([], [], 1, 2) == ["  "]


def test_a_line_runs_on_to_points_outside_the_range() -> None:
    assert picture([-9, 17], [0, 0], 1, 4) == ["⣀⣀⣀⣀"]


def test_a_line_is_cut_where_it_leaves_the_scale() -> None:
    assert picture([0, 1, 2, 3], [0, 9, 9, 0], 1, 2) == ["⡇⢸"]


def test_values_a_float_can_hardly_hold_do_not_disturb_the_rest() -> None:
    assert picture([0, 2, 3], [1e308, 0, 0], 1, 2) == [" ⣇"]


@pytest.mark.parametrize("seed", range(5))
def test_neighbouring_columns_touch(seed: int) -> None:
    generator = np.random.default_rng(seed)
    points = Points.of(np.arange(40.0), generator.normal(0.5, 0.3, 40).clip(0, 1))
    held = columns([points], (0, 40), 40)
    means = replace(held, low=held.first, high=held.first, last=held.first)
    bits = drawn(means, Scale(0, 1), 6)[0]
    dots = np.zeros((24, 40), bool)
    for row, col, bit in (
        (0, 0, 1), (1, 0, 2), (2, 0, 4), (3, 0, 64), (0, 1, 8), (1, 1, 16), (2, 1, 32), (3, 1, 128)
    ):  # fmt: skip
        dots[row::4, col::2] = bits & bit
    for left, right in zip(dots.T[:-1], dots.T[1:], strict=True):
        gaps = np.abs(np.flatnonzero(left)[:, None] - np.flatnonzero(right))
        assert gaps.min() <= 1
