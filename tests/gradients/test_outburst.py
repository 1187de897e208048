"""Outbursts of a gradient norm: which cells may hold one, and where it begins."""

import numpy as np
import pytest

from trainmon.digest import CELL, Digest
from trainmon.digest_buffers import digest_of
from trainmon.gradients.outburst import Far, outburst, usual_before
from trainmon.store.batch import Floats, Samples

FAR = Far(times=100.0, times_first=30.0)


def _digest(norms: Floats) -> Digest:
    return digest_of(np.arange(len(norms), dtype=np.int32), norms)


def test_a_cell_with_one_huge_norm_may_hold_an_outburst() -> None:
    norms = np.ones(6 * CELL)
    norms[3 * CELL + 2] = 1e3
    far, above = FAR.cells(_digest(norms), 0, 1.0, learning_row=0)
    assert np.flatnonzero(far).tolist() == [3]
    assert not above.any()


def test_cells_of_nothing_but_nan_go_on_with_the_one_before() -> None:
    norms = np.ones(6 * CELL)
    norms[2 * CELL :] = np.nan
    far, _ = FAR.cells(_digest(norms), 0, 1.0, learning_row=0)
    assert np.flatnonzero(far).tolist() == [2]


@pytest.mark.parametrize(("learning_row", "expected"), [(None, []), (2 * CELL, [2, 3])])
def test_what_stands_above_the_first_norm_counts_behind_the_warm_up(
    learning_row: int | None, expected: list[int]
) -> None:
    _, above = FAR.cells(_digest(np.full(4 * CELL, 50.0)), 0, 1.0, learning_row)
    assert np.flatnonzero(above).tolist() == expected


def test_cells_are_calm_where_none_of_them_is_far() -> None:
    norms = np.ones(6 * CELL)
    assert FAR.are_calm(_digest(norms), 4, 1.0)
    norms[-1] = 1e3
    assert not FAR.are_calm(_digest(norms), 4, 1.0)


def test_the_usual_norm_is_unknown_while_few_cells_tell_it() -> None:
    medians = np.array([1.0, 2.0, 3.0, 2.0, 9.0])
    assert np.isnan(usual_before(medians, 3))
    assert usual_before(medians, 4) == 2.0


def test_an_outburst_is_told_where_its_last_record_is_new() -> None:
    norms = Samples(np.arange(8, dtype=np.int32), np.array([1.0, 9, 9, 9, 1, 9, 9, 9]))
    first, second = (outburst(norms, 5.0, 3, since, scaled=False) for since in (0, 4))
    assert (first and first.onset, second and second.onset) == (1, 5)
