"""Windows of gradient norms beside a clip: far above it, within reach of it, or piled up."""

import numpy as np
import pytest

from trainmon.digest import CELL, Digest
from trainmon.digest_buffers import digest_of
from trainmon.gradients.clipped import Clipping, Ends
from trainmon.store.batch import Floats

CLIPPING = Clipping(ratio=5.0, over=2.5, same=2e-3)
WIDTH = 4


def _norms(*levels: float, spread: float = 0.2) -> Floats:
    noise = np.random.default_rng(0).lognormal(0, spread, CELL * len(levels))
    return np.repeat(levels, CELL) * noise


def _windows(
    norms: Floats, clip: float | None = 1.0, begin: int = 0, learning_row: int | None = 0
) -> Ends:
    return CLIPPING.windows(_digest(norms), begin, WIDTH, clip, learning_row)


def _digest(norms: Floats) -> Digest:
    return digest_of(np.arange(len(norms), dtype=np.int32), norms)


def test_a_window_is_over_where_most_of_it_is_and_its_last_cell_is() -> None:
    ends = _windows(_norms(1, 1, 20, 20, 20, 20, 1, 1, 1, 1))
    assert np.flatnonzero(ends.over).tolist() == [4, 5]


def test_a_window_is_calm_where_half_of_it_is_within_reach() -> None:
    ends = _windows(_norms(20, 20, 20, 20, 1, 1, 1))
    assert np.flatnonzero(ends.calm).tolist() == [5, 6]


def test_norms_of_one_value_pile_up_and_those_near_another_clip_do_not() -> None:
    flat = _norms(*[1.0] * 6, spread=0.0)
    assert np.flatnonzero(_windows(flat, clip=None).piled).tolist() == [3, 4, 5]
    assert _windows(flat, clip=1.0).piled.any()
    assert not _windows(flat, clip=2.0).piled.any()


@pytest.mark.parametrize("learning_row", [None, 10_000])
def test_nothing_stands_out_before_the_warm_up_is_over(learning_row: int | None) -> None:
    assert not _windows(_norms(*[20.0] * 8), learning_row=learning_row).stand_out.any()


def test_new_cells_say_the_same_as_all_at_once() -> None:
    norms = _norms(1, 20, 20, 1, 20, 20, 20, 1, 1, 20, 1, 1)
    every = _windows(norms)
    for begin in range(12):
        new = _windows(norms, begin=begin)
        for now, whole in zip(new, every, strict=True):
            assert now.tolist() == whole[begin:].tolist()


def test_cells_are_calm_below_the_clip_unless_they_pile_up() -> None:
    calm = [
        CLIPPING.are_calm(_digest(_norms(9, 9, level, spread=spread)), 2, 1.0)
        for level, spread in ((1.0, 0.2), (20.0, 0.2), (1.0, 0.0))
    ]
    assert calm == [True, False, False]
