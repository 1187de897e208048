"""Troubles that last: the same turns at any cut, and as many calm windows as bad ones."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.courses.lasting import WELL, Lasting, Turn, Windows, follow, windows
from trainmon.digest_buffers import digest_of

LENGTH = 60
ROWS = np.arange(8 * LENGTH, dtype=np.int32)
DIGEST = digest_of(ROWS, np.zeros(8 * LENGTH))

LEVELS = st.lists(st.sampled_from([0, 0, 1, 2]), min_size=LENGTH, max_size=LENGTH)


def _windows(start: int, stop: int) -> Windows:
    return Windows(DIGEST, 1, np.arange(start, stop))


def _followed(levels: list[int], borders: list[int], needed: int) -> list[tuple[int, str, int]]:
    state, turns = WELL, list[Turn]()
    for start, stop in pairwise((0, *borders, LENGTH)):
        here = np.array(levels[start:stop], np.int8)
        state, told = follow(state, _windows(start, stop), here, here == 0, needed)
        turns += told
    return [(turn.row, turn.kind.value, turn.onset) for turn in turns]


@given(LEVELS, st.lists(st.integers(1, LENGTH - 1), max_size=9, unique=True).map(sorted))
def test_what_becomes_of_a_finding_does_not_depend_on_the_cut(
    levels: list[int], borders: list[int]
) -> None:
    for needed in (1, 2, 3):
        assert _followed(levels, borders, needed) == _followed(levels, [], needed)


def test_it_opens_where_enough_windows_were_bad_and_began_with_the_first_of_them() -> None:
    assert _followed([0] * 10 + [2] * 3 + [0] * 47, [], 3) == [
        (103, "opened", 80),
        (127, "cleared", 80),
    ]


def test_a_milder_trouble_opens_as_info_and_gets_worse() -> None:
    levels = np.array([1] * 4 + [2] * 3, np.int8)
    state, turns = follow(WELL, _windows(0, 7), levels, levels == 0, 3)
    assert [(turn.kind.value, turn.severity.word) for turn in turns] == [
        ("opened", "info"),
        ("worsened", "warning"),
    ]
    assert state.severity is not None


def test_it_is_told_again_ever_more_rarely() -> None:
    repeated = [row for row, kind, _ in _followed([2] * LENGTH, [], 2) if kind == "repeated"]
    gaps = np.diff(repeated)
    assert len(repeated) < 10
    assert (np.diff(gaps) >= 0).all()


def test_a_finding_that_is_open_at_a_new_baseline_is_cleared_by_calm_windows_alone() -> None:
    state = Lasting(severity=None).anew()
    assert state == WELL
    levels = np.array([2] * 3, np.int8)
    state, _ = follow(WELL, _windows(0, 3), levels, levels == 0, 3)
    calm = np.zeros(4, np.int8)
    after, turns = follow(state.anew(), _windows(10, 14), calm, calm == 0, 3)
    assert [(turn.kind.value, turn.onset) for turn in turns] == [("cleared", 0)]
    assert after.severity is None


@pytest.mark.parametrize("width", [1, 3, 4])
def test_windows_are_the_same_groups_of_cells_at_any_cut(width: int) -> None:
    whole = windows(DIGEST, 0, width).first.tolist()
    parts = []
    for start, stop in pairwise(range(0, 8 * LENGTH + 1, 32)):
        part = DIGEST.upto(stop - 1)
        parts += windows(part, start, width).first.tolist()
    assert parts == whole == list(range(0, LENGTH - width + 1, width))
