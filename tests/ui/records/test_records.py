"""Records put together again from columns: as they were logged, a few at a time."""

import numpy as np
import pytest

from tests.ui.scenes import START, header, overfitting, run_of
from trainmon.store.batch import Batch, Record, Samples, batch_of
from trainmon.store.lane import Lane
from trainmon.store.lane_view import LaneView
from trainmon.ui.records.record_lines import Columns, columns_of, line_of, text_of, whole_lines
from trainmon.ui.records.record_search import Search, search
from trainmon.ui.records.records import LogRecord, records_at

MIXED: list[Record] = [
    header(),
    {"step": 1, "epoch": 0.5, "time": START + 1, "train/loss": 2.5, "lr": 0.1},
    {"step": 1, "time": START + 2, "val/loss": "NaN"},
    {"event": "note", "text": "first\nsecond", "step": 1},
    {"step": 2, "lr": 0.05},
]


def lane_of(records: list[Record]) -> LaneView:
    lane = Lane()
    lane.append(batch_of(records))
    return lane.view()


def all_of(lane: LaneView) -> list[LogRecord]:
    return records_at(lane, np.arange(lane.n_rows, dtype=np.int32))


def whole_text(record: LogRecord) -> str:
    return "\n".join("".join(text for text, _ in line) for line in whole_lines(record))


def test_each_record_has_its_place_and_its_values_in_the_order_of_the_log() -> None:
    _, train, val, note, last = all_of(lane_of(MIXED))
    assert (train.step, train.epoch, train.elapsed) == (1, 0.5, 1)
    assert train.values == [("train/loss", 2.5), ("lr", 0.1)]
    assert [name for name, _ in val.values] == ["val/loss"]
    assert note.event is not None
    assert (note.event.kind, note.time, note.values) == ("note", None, [])
    assert (last.step, last.epoch, last.values) == (2, None, [("lr", 0.05)])


def test_any_rows_are_the_same_as_among_all_of_them() -> None:
    lane = run_of(overfitting()).lead
    every = all_of(lane)
    rows = np.array([0, 3, 41, 42, 43, 300, lane.n_rows - 1], np.int32)
    assert records_at(lane, rows) == [every[row] for row in rows.tolist()]
    assert records_at(lane, rows[:0]) == []


def test_of_a_wide_record_no_more_is_put_together_than_is_shown() -> None:
    wide = {f"norm/{number}": float(number) for number in range(500)}
    (record,) = records_at(lane_of([{"step": 1, **wide}]), np.array([0], np.int32), most=3)
    assert [name for name, _ in record.values] == ["norm/0", "norm/1", "norm/2"]


def test_a_line_tells_place_and_values_and_an_event_its_kind_first() -> None:
    head, train, val, note, _ = map(text_of, all_of(lane_of(MIXED)))
    assert "↻ header  trainmon=1  config={lr=0.0003 schedule=cosine" in head
    assert train.split() == ["0:00:01", "1", "0.5", "train/loss=2.5", "lr=0.1"]
    assert "val/loss=NaN" in val
    assert "· note  text=first ↵ second" in note


def test_values_stand_below_one_another_where_their_widths_are_known() -> None:
    record = all_of(lane_of(MIXED))[1]
    text = "".join(text for text, _ in line_of(record, Columns(widths={"train/loss": 8})))
    assert "train/loss=2.5       lr=0.1" in text


def test_places_that_a_log_does_not_tell_take_no_room() -> None:
    lane = lane_of([{"step": 7, "loss": 1.0}, {"step": 8, "loss": 0.25}])
    records = all_of(lane)
    columns = columns_of(lane, records)
    assert columns.heading.split() == ["step"]
    assert columns.widths == {"loss": 4}
    text = "".join(text for text, _ in line_of(records[0], columns))
    assert text == "       7  loss=1     "


def test_a_whole_record_has_a_line_for_each_value_in_all_digits() -> None:
    (record,) = all_of(lane_of([{"step": 48_210, "loss": 0.12345678901234}]))
    assert "48210" in whole_text(record)
    assert "0.12345678901234" in whole_text(record)


def test_a_traceback_keeps_its_lines_and_does_nothing_to_the_terminal() -> None:
    trace = 'Traceback:\n  File "train.py"\nRuntimeError: \x1b[2J out of memory'
    event = {"event": "exception", "type": "RuntimeError", "traceback": trace}
    (record,) = all_of(lane_of([event]))
    lines = whole_text(record).splitlines()
    assert lines[0].startswith("✖ exception")
    assert lines[-3:] == [
        "  Traceback:",
        '    File "train.py"',
        "  RuntimeError: � out of memory".replace("� ", "�[2J "),
    ]


def test_nested_settings_are_told_line_by_line() -> None:
    (record,) = all_of(lane_of([header(config={"optimizer": {"name": "adam", "betas": [0.9]}})]))
    text = whole_text(record)
    assert "  optimizer\n" in text
    assert "    betas" in text


def test_a_record_of_which_nothing_is_kept_says_so() -> None:
    assert "none of its values is kept" in whole_text(LogRecord(3, 3.0, None, None, None))


def test_a_record_of_very_many_values_is_cut_and_says_so() -> None:
    values = [(f"norm/{number}", 1.0) for number in range(5_000)]
    lines = whole_lines(LogRecord(0, 1.0, None, None, None, values))
    assert len(lines) < 2_100
    assert lines[-1][0][0].startswith("and 3,0")


def test_a_time_that_is_none_is_told_as_a_number() -> None:
    assert "1e+300" in whole_text(LogRecord(0, None, None, 1e300, None))


def long(rows: int = 5_000) -> LaneView:
    """Return a lane whose rows hold their own numbers, with a rare metric and an event."""
    everywhere, rare = np.arange(rows, dtype=np.int32), np.array([1_000, 4_000], np.int32)
    samples = {
        "x": Samples(everywhere, everywhere.astype(float)),
        "val/acc": Samples(rare, np.array([0.25, 0.75])),
    }
    nowhere = np.full(rows, np.nan)
    lane = Lane()
    lane.append(Batch(nowhere, nowhere, nowhere, samples))
    lane.append(batch_of([{"event": "note", "text": "Here it is"}]))
    return lane.view()


def to_the_end(lane: LaneView, going: Search) -> tuple[int | None, int]:
    """Return what a search finds, and in how many chunks."""
    chunks = 0
    while not going.over:
        going, chunks = going.further(lane), chunks + 1
    return going.found, chunks


@pytest.mark.parametrize(
    ("needle", "start", "forward", "found"),
    [
        ("x=4321", 0, True, 4_321),
        ("X=4321", 4_322, True, 4_321),
        ("x=4321", 4_321, False, 4_321),
        ("x=4321", 4_320, False, 4_321),
        ("acc", 1_000, True, 1_000),
        ("acc", 1_001, True, 4_000),
        ("acc", 3_999, False, 1_000),
        ("acc", 4_001, True, 1_000),
        ("acc=0.75", 0, True, 4_000),
        ("here IT is", 0, True, 5_000),
        ("nowhere", 0, True, None),
        ("x=99999", 0, False, None),
    ],
)
def test_a_search_finds_the_next_match_and_comes_round(
    needle: str, start: int, *, forward: bool, found: int | None
) -> None:
    lane = long()
    assert to_the_end(lane, search(lane, needle, start, forward=forward))[0] == found


def test_a_search_looks_at_a_chunk_at_a_time_and_tells_how_far_it_is() -> None:
    lane = long()
    going = search(lane, "x=4999", 0, forward=True).further(lane)
    assert not going.over
    assert 0.05 < going.share < 0.2


def test_a_text_that_no_number_holds_is_not_looked_for_in_numbers() -> None:
    lane = long()
    assert to_the_end(lane, search(lane, "acc", 1_500, forward=True)) == (4_000, 1)
    assert to_the_end(lane, search(lane, "xyzzy", 0, forward=True)) == (None, 1)


def test_metrics_of_different_rows_are_all_looked_at() -> None:
    lane = Lane()
    ends = (0, 9)
    samples = {
        name: Samples(np.array([ends[0], middle, ends[1]], np.int32), np.ones(3))
        for name, middle in (("acc/a", 3), ("acc/b", 5))
    }
    nowhere = np.full(10, np.nan)
    lane.append(Batch(nowhere, nowhere, nowhere, samples))
    view = lane.view()
    assert to_the_end(view, search(view, "acc/b", 1, forward=True))[0] == 5
