"""Records as columns: numbers, gaps, places, events, and what is left out."""

import numpy as np
import pytest

from trainmon.record import KEYS_LIMIT
from trainmon.store.batch import HEADER, PositionKeys, Record, batch_of


def test_records_of_the_same_keys_become_one_column_each() -> None:
    batch = batch_of([{"step": step, "loss": 0.5 * step} for step in range(3)])
    assert batch.steps.tolist() == [0, 1, 2]
    assert batch.samples["loss"].rows.tolist() == [0, 1, 2]
    assert batch.samples["loss"].values.tolist() == [0, 0.5, 1]


def test_keys_in_another_order_are_the_same_metrics() -> None:
    batch = batch_of([{"a": 1, "b": 2}, {"b": 4, "a": 3}, {"a": 5}])
    assert batch.samples["a"].values.tolist() == [1, 3, 5]
    assert batch.samples["b"].rows.tolist() == [0, 1]


def test_null_is_a_gap_and_nan_is_a_value() -> None:
    batch = batch_of([{"a": None, "b": 1}, {"a": "NaN", "b": 1}, {"a": float("nan"), "b": 1}])
    assert batch.samples["a"].rows.tolist() == [1, 2]
    assert np.isnan(batch.samples["a"].values).all()


@pytest.mark.parametrize(
    ("spelled", "value"), [("1e-3", 0.001), ("-Infinity", -np.inf), (" 2 ", 2), (True, 1), (3, 3)]
)
def test_what_spells_a_number_is_one(spelled: object, value: float) -> None:
    assert batch_of([{"a": spelled}]).samples["a"].values.tolist() == [value]


@pytest.mark.parametrize("other", ["resnet50", [1, 2], {}, "", {"b": "x"}])
def test_what_is_no_number_is_left_out(other: object) -> None:
    batch = batch_of([{"a": other, "loss": 1.0}])
    assert list(batch.samples) == ["loss"]


def test_nested_objects_are_joined_with_slashes() -> None:
    batch = batch_of([{"val": {"acc": 0.5, "loss": {"box": 1}}, "lr": 0.1}])
    assert list(batch.samples) == ["val/acc", "val/loss/box", "lr"]


def test_a_place_that_is_not_told_is_nan() -> None:
    batch = batch_of([{"loss": 1.0}, {"step": 2, "epoch": 0.5, "time": 9.0, "loss": 1.0}])
    for column, told in ((batch.steps, 2), (batch.epochs, 0.5), (batch.times, 9)):
        assert np.isnan(column[0])
        assert column[1] == told


def test_the_first_key_that_a_record_has_tells_its_step() -> None:
    keys = PositionKeys(step=("step", "iter"))
    batch = batch_of([{"iter": 1, "loss": 1.0}, {"step": 2, "iter": 9}], keys)
    assert batch.steps.tolist() == [1, 2]
    assert batch.samples["iter"].values.tolist() == [9]


def test_a_time_that_is_too_early_is_a_metric() -> None:
    keys = PositionKeys(time=("time", "timestamp"), earliest_time=1e8)
    batch = batch_of([{"time": 0.25, "timestamp": 1.7e9}, {"time": 1.8e9}], keys)
    assert batch.times.tolist() == [1.7e9, 1.8e9]
    assert batch.samples["time"].values.tolist() == [0.25]


def test_headers_and_events_are_kept_with_their_rows() -> None:
    batch = batch_of([{"trainmon": 1}, {"loss": 1.0}, {"event": "note", "step": 7, "text": "x"}])
    assert [(event.row, event.kind) for event in batch.events] == [(0, HEADER), (2, "note")]
    assert batch.steps[2] == 7
    assert list(batch.samples) == ["loss"]


def test_texts_of_events_are_harmless_before_anyone_sees_them() -> None:
    (event,) = batch_of(
        [{"event": "phase\x1b", "name": "a\x1b[2J\nb", "deep": [{"\x9b": "\x07"}]}]
    ).events
    assert event.kind == "phase\N{REPLACEMENT CHARACTER}"
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in str(event.fields))


def test_two_names_that_are_one_once_they_are_clean_share_a_column() -> None:
    batch = batch_of([{"a\x00": 1.0, "a\x01": 2.0}])
    ((_, samples),) = batch.samples.items()
    assert samples.values.tolist() == [1.0]


def test_keys_beyond_the_limit_are_left_out_with_a_notice() -> None:
    record: Record = {f"metric{number}": 1.0 for number in range(KEYS_LIMIT + 5)}
    batch = batch_of([record])
    assert len(batch.samples) == KEYS_LIMIT
    assert batch.notices == ("a record has 10,005 keys; the first 10,000 are read",)


def test_no_records_are_an_empty_batch() -> None:
    batch = batch_of([])
    assert (batch.n_rows, dict(batch.samples)) == (0, {})


def test_milliseconds_are_stored_as_seconds() -> None:
    batch = batch_of([{"step": 1, "iter_time_ms": 250.0}])
    assert batch.samples["iter_time"].values.tolist() == [0.25]


def test_a_time_that_is_told_twice_counts_once() -> None:
    batch = batch_of([{"step": 1, "step_time": 0.25, "step_time_ms": 251.0}])
    assert batch.samples["step_time"].values.tolist() == [0.25]
