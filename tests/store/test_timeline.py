"""Places of rows: indexed like an array, whether all rows are held or some."""

import numpy as np
import pytest

from trainmon.store.timeline import Timeline

ROWS = 100
PLACES = np.arange(0.0, 2.0 * ROWS, 2.0)
KEPT = np.array([0, 20, 40, 59], np.int32)

FULL = Timeline(PLACES, np.empty(0, np.int32), np.empty(0))
REDUCED = Timeline(PLACES[60:], KEPT, PLACES[KEPT], first_full=60)

both = pytest.mark.parametrize("timeline", [FULL, REDUCED], ids=["full", "reduced"])


@both
@pytest.mark.parametrize("row", [0, 7, 40, 59, 60, 99, -1, -100])
def test_a_row_has_its_place(timeline: Timeline, row: int) -> None:
    assert timeline[row] == pytest.approx(PLACES[row])


@both
@pytest.mark.parametrize(
    "rows", [slice(None), slice(50, 70), slice(70, 80), slice(-5, None), slice(None, -11, -1)]
)
def test_a_slice_has_its_places(timeline: Timeline, rows: slice) -> None:
    np.testing.assert_allclose(timeline[rows], PLACES[rows])


@both
def test_rows_in_any_order_have_their_places(timeline: Timeline) -> None:
    rows = np.array([99, 3, 60, 59, 3])
    np.testing.assert_allclose(timeline[rows], PLACES[rows])
    np.testing.assert_allclose(np.asarray(timeline), PLACES)


@both
def test_the_rows_up_to_one_end_there(timeline: Timeline) -> None:
    earlier = timeline.upto(80)
    assert len(earlier) == 80
    assert earlier[-1] == PLACES[79]
    with pytest.raises(IndexError):
        earlier[80]


@both
def test_the_ends_are_the_first_and_the_last_that_are_known(timeline: Timeline) -> None:
    assert timeline.ends(1).tolist() == [PLACES[0], PLACES[-1]]


def test_a_kept_row_that_tells_no_place_has_none() -> None:
    kept = np.array([0, 5, 9], np.int32)
    timeline = Timeline(np.empty(0), kept, np.array([0.0, np.nan, 9.0]), first_full=10)
    assert np.isnan(timeline[5])
    assert timeline[6] == 6.0


def test_where_no_row_tells_a_place_none_has_one() -> None:
    timeline = Timeline(np.empty(0), KEPT, np.full(len(KEPT), np.nan), first_full=60)
    assert np.isnan(timeline[np.arange(60)]).all()
