"""What is told of the inputs of a model: which numbers are one feature, and their ranges."""

import json
import math
from collections import UserDict, namedtuple
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from trainmon.writer.summaries.inputs import FEATURES_LIMIT, NUMBERS, inputs
from trainmon.writer.summaries.thinning import steps

RNG = np.random.default_rng(0)
TABLE = RNG.normal([0, 10, 20], [1, 2, 3], (500, 3)).astype(np.float32)
Batch = namedtuple("Batch", ["image", "label"])  # noqa: PYI024 - loaders have those too


def features_of(batch: object, names: list[str] | None = None) -> dict[str, Any]:
    features: dict[str, Any] = inputs(batch, names=names)["features"]  # type: ignore[assignment]  # that field is one
    return features


@pytest.mark.parametrize("batch", [TABLE, torch.tensor(TABLE), TABLE.tolist()])
def test_each_column_of_a_table_is_a_feature(batch: object) -> None:
    features = features_of(batch, ["time", "charge", "depth"])
    assert list(features) == ["time", "charge", "depth"]
    for index, feature in enumerate(features.values()):
        column = TABLE[:, index].astype(np.float64)
        assert feature["mean"] == pytest.approx(column.mean())
        assert feature["std"] == pytest.approx(column.std())
        assert (feature["min"], feature["max"]) == (column.min(), column.max())
        assert (feature["nan"], feature["infinite"], feature["looked_at"]) == (0, 0, 500)


def test_features_without_names_are_numbered() -> None:
    assert list(features_of(TABLE)) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("shape", "features"),
    [
        ((8,), ["values"]),
        ((8, 4), 4),
        ((8, 3, 32, 32), 3),
        ((8, 32, 32, 3), 3),
        ((8, 2, 100), 2),
        ((8, 100, 4), 4),
    ],
)
def test_channels_and_quantities_are_found_by_the_shorter_axis(
    shape: tuple[int, ...], features: int | list[str]
) -> None:
    expected = features if isinstance(features, list) else [str(i) for i in range(features)]
    assert list(features_of(np.zeros(shape))) == expected
    assert list(features_of(torch.zeros(shape))) == expected


def test_names_tell_the_axis_of_features() -> None:
    names = [str(index) for index in range(100)]
    assert list(features_of(np.zeros((8, 2, 100)), names)) == names


def test_a_channel_is_summed_over_samples_and_places() -> None:
    images = RNG.normal(size=(6, 3, 5, 5)) + np.arange(3)[:, None, None]
    features = features_of(images)
    assert features["2"]["mean"] == pytest.approx(images[:, 2].mean())
    assert features["2"]["looked_at"] == 6 * 25


@pytest.mark.parametrize(
    ("batch", "features"),
    [
        ({"input_ids": torch.ones(4, 9, dtype=torch.long)}, ["input_ids"]),
        (UserDict({"x": TABLE, "mask": TABLE > 0}), ["x/0", "x/1", "x/2", "mask"]),
        ((torch.zeros(4, 2), torch.zeros(4)), ["0/0", "0/1", "1"]),
        ([torch.zeros(4, 2), torch.zeros(4)], ["0/0", "0/1", "1"]),
        (([[0.0, 1.0]], [1]), ["0/0", "0/1", "1"]),
        (Batch(np.zeros((4, 1, 9), dtype=np.uint8), np.zeros(4)), ["image/0", "label"]),
        (
            {"views": {"left": np.zeros((4, 2))}, "file": ["a", "b"]},
            ["views/left/0", "views/left/1"],
        ),
        ({"x": np.zeros((4, 2)), "epoch": 3, "missing": None}, ["x/0", "x/1"]),
    ],
)
def test_parts_of_a_batch_are_named_by_their_place(batch: object, features: list[str]) -> None:
    assert list(features_of(batch)) == features


def test_what_is_not_finite_is_counted_and_the_rest_described() -> None:
    feature = features_of(np.array([1.0, math.nan, 3.0, math.inf, -math.inf]))["values"]
    assert feature == {
        "mean": 2.0,
        "std": 1.0,
        "min": 1.0,
        "max": 3.0,
        "nan": 1,
        "infinite": 2,
        "looked_at": 5,
    }


def test_a_feature_without_a_finite_number_has_no_range() -> None:
    feature = features_of(np.full(3, math.nan))["values"]
    assert (feature["mean"], feature["min"], feature["nan"]) == (None, None, 3)


def test_a_small_spread_at_a_high_level_is_measured() -> None:
    levels = np.float32(1e6) + np.arange(3, dtype=np.float32)
    assert features_of(levels)["values"]["std"] == pytest.approx(math.sqrt(2 / 3))


def test_features_beyond_the_limit_are_left_out() -> None:
    assert len(features_of({"a": np.zeros((2, 800)), "b": np.zeros((2, 800))})) == FEATURES_LIMIT


class Counting:
    """A tensor that counts the numbers that leave its device."""

    dtype = "float32"

    def __init__(self, values: NDArray[np.float32]) -> None:
        self.values = values
        self.shape = values.shape
        self.brought = 0

    def __getitem__(self, index: tuple[slice, ...]) -> "Counting":
        part = Counting(self.values[index])
        self.brought += part.values.size
        return part

    def numpy(self) -> NDArray[np.float32]:
        return self.values


@pytest.mark.parametrize("shape", [(3_000_000,), (100_000, 40), (40, 3, 300, 300)])
def test_little_of_a_large_batch_leaves_its_device(shape: tuple[int, ...]) -> None:
    tensor = Counting(np.ones(shape, dtype=np.float32))
    assert {feature["mean"] for feature in features_of(tensor).values()} == {1.0}
    assert 0 < tensor.brought <= NUMBERS


def test_no_axis_is_thinned_away() -> None:
    assert steps((2, 7, 1_000_000), 10) == (
        slice(None, None, 2),
        slice(None, None, 7),
        slice(None, None, 100_000),
    )


@pytest.mark.parametrize(
    "targets",
    [[0, 1, 1, 2], torch.tensor([0, 1, 1, 2]), np.array([0.0, 1.0, 1.0, 2.0]), (0, 1, 1, 2)],
)
def test_labels_are_told_by_their_shares(targets: object) -> None:
    assert inputs(np.zeros(4), targets)["label_shares"] == {"0": 0.25, "1": 0.5, "2": 0.25}


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (np.linspace(0, 1, 4), ["values"]),
        (np.arange(1_000), ["values"]),
        ({"boxes": np.zeros((4, 2)), "label": np.zeros(4)}, ["boxes/0", "boxes/1", "label"]),
    ],
)
def test_targets_that_are_no_labels_are_told_by_their_ranges(
    targets: object, names: list[str]
) -> None:
    fields = inputs(np.zeros(4), targets)
    assert "label_shares" not in fields
    assert list(fields["targets"]) == names  # type: ignore[call-overload]  # that field is a mapping


def test_shape_and_type_are_told_of_one_tensor_or_of_each() -> None:
    fields = inputs(torch.zeros(4, 2, dtype=torch.bfloat16))
    assert (fields["n"], fields["shape"], fields["dtype"]) == (4, [4, 2], "bfloat16")
    fields = inputs({"x": torch.zeros(4, 2), "ids": np.zeros((4, 9), dtype=np.int64)})
    assert fields["shape"] == {"x": [4, 2], "ids": [4, 9]}
    assert fields["dtype"] == {"x": "float32", "ids": "int64"}


@pytest.mark.parametrize("batch", [np.zeros((0, 3)), {"x": np.zeros(0)}])
def test_an_empty_batch_has_no_ranges(batch: object) -> None:
    assert {feature["mean"] for feature in features_of(batch).values()} == {None}


@pytest.mark.parametrize("batch", ["text", ["a", "b"], None, {}, {"file": ["a"]}, 3, object()])
def test_a_batch_without_numbers_is_refused(batch: object) -> None:
    with pytest.raises(ValueError, match="inputs"):
        inputs(batch)


def test_the_fields_are_plain_json() -> None:
    fields = inputs({"x": torch.zeros(4, 2), "ids": torch.ones(4, 3).long()}, torch.zeros(4))
    assert json.loads(json.dumps(fields)) == fields
