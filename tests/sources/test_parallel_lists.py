import json
from typing import Any

import numpy as np
import pytest

from trainmon.source import Head
from trainmon.sources.parallel_lists import ParallelListsSource

HISTORY = {"loss": [1.0, 0.5, 0.25], "val_loss": [1.5, 1.0, 0.75]}


def document(value: Any) -> bytes:  # noqa: ANN401 - JSON is any value
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "value",
    [
        HISTORY,
        {"history": HISTORY, "params": {"epochs": 3}},
        {name: dict(enumerate(items)) for name, items in HISTORY.items()},
        {"loss": ["1.0", "0.5"]},
        {"train": {"loss": [1.0]}, "val": {"loss": [1.5]}},
    ],
)
def test_lists_of_metrics_are_recognised(value: Any) -> None:  # noqa: ANN401 - JSON is any value
    assert ParallelListsSource.recognises(Head(document(value)))


@pytest.mark.parametrize(
    "value",
    [
        {"epoch": 3, "loss": 0.5, "test_coco_eval_bbox": [0.1, 0.2]},
        {"lr": [0.1, 0.01], "betas": [0.9, 0.999]},
        {"files": ["a.jpg", "b.jpg"], "sizes": [100, 200]},
        {"loss": 0.5},
        [1, 2, 3],
    ],
)
def test_other_documents_are_not(value: Any) -> None:  # noqa: ANN401 - JSON is any value
    assert not ParallelListsSource.recognises(Head(document(value)))


def test_a_long_one_is_recognised_by_its_first_list() -> None:
    data = document({"loss": [0.123456789] * 200_000})
    assert ParallelListsSource.recognises(Head(data[: 1 << 20]))


def test_items_are_epochs_from_0() -> None:
    source = ParallelListsSource()
    (part,) = source.read(document(HISTORY))
    assert part.batch.epochs.tolist() == [0, 1, 2]
    assert np.isnan(part.batch.steps).all()
    assert part.batch.samples["val_loss"].values.tolist() == HISTORY["val_loss"]
    assert "counted from 0" in source.remarks()[0]


@pytest.mark.parametrize(("name", "place"), [("step", "steps"), ("epoch", "epochs")])
def test_a_list_may_tell_the_place(name: str, place: str) -> None:
    (part,) = ParallelListsSource().read(document({name: [10, 20, 30], **HISTORY}))
    assert getattr(part.batch, place).tolist() == [10, 20, 30]


def test_the_commonest_length_makes_the_columns() -> None:
    source = ParallelListsSource()
    (part,) = source.read(document({"lr_drops": [5], "class_sizes": [1, 2, 3, 4], **HISTORY}))
    assert set(part.batch.samples) == {"loss", "val_loss"}
    assert any("lr_drops, class_sizes" in remark for remark in source.remarks())


def test_null_is_a_gap_and_nan_a_value() -> None:
    (part,) = ParallelListsSource().read(b'{"loss": [1.0, null, NaN]}')
    assert part.batch.samples["loss"].rows.tolist() == [0, 2]
    assert np.isnan(part.batch.samples["loss"].values[1])


def test_another_epoch_is_handed_on_alone() -> None:
    source = ParallelListsSource()
    source.read(document({"loss": [1.0, 0.5]}))
    (part,) = source.read(document({"loss": [1.0, 0.5, 0.25]}))
    assert not part.fresh
    assert part.batch.epochs.tolist() == [2]


def test_other_values_start_over() -> None:
    source = ParallelListsSource()
    source.read(document({"loss": [1.0, 0.5]}))
    (part,) = source.read(document({"loss": [3.0]}))
    assert part.fresh
    assert part.batch.samples["loss"].values.tolist() == [3.0]
