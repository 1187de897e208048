"""Digests: whole cells of eight samples since the baseline, the same however the log arrived."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.digest import CELL, KEPT, Digest
from trainmon.digests import Digests
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane


def _digest(records: list[Record], cut: int, name: str = "loss") -> Digest:
    lane = Lane()
    digests = Digests(lane)
    digests.follow([name])
    for start in range(0, len(records), cut):
        before = lane.n_rows
        lane.append(batch_of(records[start : start + cut]))
        digests.feed(before, lane.n_rows)
    return digests.of(name)


def _records(values: list[object]) -> list[Record]:
    return [{"step": step, "loss": value} for step, value in enumerate(values)]


def test_a_cell_tells_the_median_the_range_and_where_it_is_known() -> None:
    digest = _digest(_records([5, 3, 1, 7, 2, 4, 8, 6, 0]), cut=9)
    assert (digest.median.tolist(), digest.low.tolist(), digest.high.tolist()) == ([4.5], [1], [8])
    assert (digest.first_rows.tolist(), digest.rows.tolist(), digest.count) == ([0], [7], 1)


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    digest = _digest(_records([1, "NaN", 3, "Infinity", 5, 5, 5, 5, *["NaN"] * 8]), cut=16)
    assert digest.bad.tolist() == [2, 8]
    assert digest.median[0] == 5
    assert np.isnan(digest.median[1])


@given(
    values=st.lists(st.floats(allow_nan=True) | st.none(), max_size=60),
    cut=st.integers(1, 20),
)
def test_no_cut_changes_a_cell(values: list[float | None], cut: int) -> None:
    records = _records([None if v is None else v for v in values])
    whole, parts = _digest(records, len(records) or 1), _digest(records, cut)
    assert len(whole) == sum(value is not None for value in values) // CELL
    for column in ("rows", "first_rows", "median", "low", "high", "bad"):
        np.testing.assert_array_equal(getattr(whole, column), getattr(parts, column))


@given(told=st.lists(st.integers(0, 3), max_size=80), cut=st.integers(1, 20))
def test_metrics_that_come_together_now_and_then_have_cells_of_their_own(
    told: list[int], cut: int
) -> None:
    names = [[], ["loss"], ["lr"], ["loss", "lr"]]
    records: list[Record] = [
        {"step": step} | {name: float(step * len(name)) for name in names[which]}
        for step, which in enumerate(told)
    ]
    lane = Lane()
    digests = Digests(lane)
    digests.follow(["loss", "lr"])
    for start in range(0, len(records), cut):
        before = lane.n_rows
        lane.append(batch_of(records[start : start + cut]))
        digests.feed(before, lane.n_rows)
    for name in ("loss", "lr"):
        alone, together = _digest(records, len(records) or 1, name), digests.of(name)
        assert together.median.tolist() == alone.median.tolist()
        assert together.rows.tolist() == alone.rows.tolist()


def test_a_baseline_begins_cells_anew() -> None:
    lane = Lane()
    digests = Digests(lane)
    lane.append(batch_of(_records(list(range(30)))))
    digests.follow(["loss"])
    digests.feed(0, 12)
    digests.begin(12)
    digests.feed(12, 30)
    assert digests.of("loss").first_rows.tolist() == [12, 20]


def test_a_metric_that_is_asked_for_late_has_all_its_cells() -> None:
    lane = Lane()
    digests = Digests(lane)
    lane.append(batch_of(_records(list(range(20)))))
    digests.feed(0, 20)
    assert digests.of("loss").rows.tolist() == [7, 15]


def test_feeding_tells_which_metrics_completed_a_cell() -> None:
    lane = Lane()
    digests = Digests(lane)
    digests.follow(["loss", "lr"])
    completed = []
    for record in _records(list(range(10))):
        lane.append(batch_of([record]))
        completed.append(digests.feed(lane.n_rows - 1, lane.n_rows))
    assert [at for at, names in enumerate(completed) if names] == [7]


@pytest.mark.parametrize("cut", [CELL, 5_000])
def test_of_a_long_series_the_last_cells_are_kept(cut: int) -> None:
    digest = _digest(_records(list(range(20 * CELL * 100))), cut)
    assert digest.count == 2_000
    assert len(digest) >= KEPT
    assert digest.since(int(digest.rows[-1])) == len(digest) - 1


def test_a_metric_that_is_not_there_has_no_cells() -> None:
    assert len(Digests(Lane()).of("loss")) == 0
    assert len(Digests(Lane()).of(None)) == 0


def test_what_was_given_out_stays_as_it_was_while_cells_are_added() -> None:
    lane = Lane()
    digests = Digests(lane)
    given = []
    for value in range(CELL * 80):
        lane.append(batch_of(_records([value])))
        if digests.feed(lane.n_rows - 1, lane.n_rows) or not value:
            given.append(digests.of("loss"))
    whole = given[-1]
    for number, digest in enumerate(given):
        assert (len(digest), digest.count) == (number, number)
        assert digest.median.tolist() == whole.median[:number].tolist()


def test_a_digest_as_it_stood_at_a_row_has_the_cells_up_to_it() -> None:
    digest = _digest(_records(list(range(5 * CELL))), CELL)
    assert digest.upto(5 * CELL) is digest
    assert digest.upto(2 * CELL - 1).rows.tolist() == [7, 15]
    assert digest.upto(2 * CELL - 2).count == 1
