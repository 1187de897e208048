"""Rows of batches cut out and put in order."""

import numpy as np

from trainmon.store.batch import LogEvent, batch_of
from trainmon.store.rows import cut, interleaved, told


def test_a_cut_keeps_the_samples_and_events_of_its_rows() -> None:
    batch = batch_of([{"step": 1, "a": 1.0}, {"event": "note"}, {"step": 3, "a": 3.0, "b": 0.5}])
    part = cut(batch, 1, 3)
    assert part.n_rows == 2
    assert part.samples["a"].rows.tolist() == [1]
    assert part.samples["b"].values.tolist() == [0.5]
    assert [(event.row, event.kind) for event in part.events] == [(0, "note")]


def test_a_metric_without_a_sample_in_the_cut_is_not_in_it() -> None:
    batch = batch_of([{"step": 1, "a": 1.0}, {"step": 2, "b": 1.0}])
    assert list(cut(batch, 1, 2).samples) == ["b"]


def test_rows_of_several_files_stand_in_the_order_of_their_steps() -> None:
    train = batch_of([{"step": step, "train": float(step)} for step in (1, 2, 3, 4)])
    val = batch_of([{"step": step, "val": float(step)} for step in (2, 4)])
    both = interleaved([train, val])
    assert both.steps.tolist() == [1, 2, 2, 3, 4, 4]
    assert both.steps[both.samples["val"].rows].tolist() == both.samples["val"].values.tolist()
    assert both.steps[both.samples["train"].rows].tolist() == both.samples["train"].values.tolist()


def test_samples_of_one_name_from_two_files_are_one_series() -> None:
    early, late = batch_of([{"step": 5, "a": 5.0}]), batch_of([{"step": 1, "a": 1.0}])
    assert interleaved([early, late]).samples["a"].values.tolist() == [1.0, 5.0]


def test_a_row_without_a_step_stays_behind_the_one_it_follows() -> None:
    first = batch_of([{"step": 3, "a": 3.0}, {"a": 3.5}])
    second = batch_of([{"step": 1, "b": 1.0}, {"step": 4, "b": 4.0}])
    both = interleaved([first, second])
    assert both.samples["a"].rows.tolist() == [1, 2]
    assert both.samples["b"].rows.tolist() == [0, 3]


def test_events_alone_stand_at_no_step() -> None:
    batch = told([LogEvent(0, "config", {"lr": 0.1})])
    assert batch.n_rows == 1
    assert np.isnan(batch.steps).all()
