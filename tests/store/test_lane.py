"""A lane: what is appended in whatever pieces stands there as one log."""

import numpy as np
import pytest

from trainmon.record import KEYS_LIMIT
from trainmon.store.batch import Record, batch_of
from trainmon.store.column import Column
from trainmon.store.lane import EVENTS_LIMIT, Lane
from trainmon.store.rewinds import REWINDS_LIMIT

RECORDS: list[Record] = [
    {"trainmon": 1},
    {"step": 1, "loss": 1.0},
    {"step": 2, "loss": None, "lr": 0.1},
    {"event": "resume", "step": 1},
    {"step": 1, "loss": 3.0},
    {"event": "note"},
    {"step": 3, "loss": 4.0},
]


def _lane(cut: int, records: list[Record]) -> Lane:
    lane = Lane()
    for start in range(0, len(records), cut):
        lane.append(batch_of(records[start : start + cut]))
    return lane


@pytest.mark.parametrize("cut", [1, 2, 3, 100])
def test_a_lane_is_the_same_however_it_was_appended(cut: int) -> None:
    lane = _lane(cut, RECORDS)
    assert lane.samples("loss").rows.tolist() == [1, 4, 6]
    assert lane.samples("loss").values.tolist() == [1.0, 3.0, 4.0]
    assert [event.row for event in lane.events] == [0, 3, 5]
    assert lane.rewinds == [4]
    assert lane.turns == [0, 1, 2, 3, 4, 5]
    assert lane.new_metrics == {1: ["loss"], 2: ["lr"]}


def test_records_are_counted_without_headers_and_events() -> None:
    view = _lane(3, RECORDS).view()
    assert (view.n_rows, view.records) == (7, 4)


def test_steps_that_are_counted_within_epochs_were_not_redone() -> None:
    records: list[Record] = [{"step": n % 10, "epoch": n // 10, "loss": 1.0} for n in range(30)]
    assert _lane(4, records).rewinds == []


def test_a_metric_that_is_not_there_has_no_samples() -> None:
    assert len(Lane().samples("loss")) == 0


def test_a_view_stays_as_it_was_while_the_lane_grows() -> None:
    lane = _lane(100, RECORDS)
    view = lane.view()
    for _ in range(100):
        lane.append(batch_of(RECORDS))
    assert view.series["loss"].values.tolist() == [1.0, 3.0, 4.0]
    assert len(view.steps) == 7


def test_what_a_view_shows_cannot_be_written() -> None:
    values = _lane(100, RECORDS).view().series["loss"].values
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 0.0


def test_metrics_beyond_the_limit_are_left_out_with_a_notice() -> None:
    lane = Lane()
    half = KEYS_LIMIT // 2 + 1
    assert lane.append(batch_of([{f"a{n}": 1.0 for n in range(half)}])) == ()
    (notice,) = lane.append(batch_of([{f"b{n}": 1.0 for n in range(half)}]))
    assert "more than 10,000 metrics" in notice
    assert len(lane.view().series) == KEYS_LIMIT


def test_events_beyond_the_limit_are_left_out_with_a_notice_and_are_no_records() -> None:
    lane = Lane()
    notes: list[Record] = [{"event": "note"}] * (EVENTS_LIMIT + 3)
    (notice,) = lane.append(batch_of(notes))
    assert "more than 100,000 events" in notice
    assert lane.view().records == 0


def test_steps_that_go_back_all_the_time_are_no_resumes() -> None:
    lane = Lane()
    mixed: list[Record] = [{"step": step % 2, "loss": 1.0} for step in range(3 * REWINDS_LIMIT)]
    (notice,) = lane.append(batch_of(mixed))
    assert "went back more than 1,000 times" in notice
    assert len(lane.rewinds) == REWINDS_LIMIT


def test_a_column_that_grew_many_times_holds_every_value() -> None:
    column = Column(np.float64)
    for start in range(0, 20_000, 7):
        column.extend(np.arange(start, start + 7, dtype=np.float64))
    assert np.array_equal(column.view(), np.arange(len(column)))


def test_the_beginning_of_a_column_is_replaced_without_touching_earlier_views() -> None:
    column = Column(np.float64)
    column.extend(np.arange(300_000.0))
    view = column.view()
    column.replace(299_999, np.array([7.0]))
    column.extend(np.array([8.0]))
    assert column.view().tolist() == [7.0, 299_999.0, 8.0]
    assert len(view) == 300_000
    assert view[0] == 0.0


def test_where_rows_would_stand_among_the_samples() -> None:
    samples = _lane(100, RECORDS).samples("loss")
    assert samples.positions(0, 1, 2, 6, 99) == (0, 0, 1, 2, 3)
