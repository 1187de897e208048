"""What is told of the outputs of a model: whether the head answers anything at all."""

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from trainmon.writer.summaries.outputs import NUMBERS, outputs

RNG = np.random.default_rng(0)


def test_a_healthy_head_differs_between_samples() -> None:
    logits = RNG.normal(size=(200, 5))
    told = outputs(torch.tensor(logits), torch.arange(200) % 5)
    assert (told["min"], told["max"]) == (logits.min(), logits.max())
    assert told["std"] == pytest.approx(logits.std())
    assert told["std_over_samples"] == pytest.approx(logits.std(axis=0).mean())
    assert told["spread"] == pytest.approx(np.median(np.ptp(logits, axis=1)))
    assert told["identical"] == 1 / 200
    assert told["label_shares"] == [0.2] * 5


def test_a_collapsed_head_answers_all_samples_alike() -> None:
    told = outputs(np.tile([0.0, 3.0, 1.0], (50, 1)), np.arange(50) % 3)
    assert (told["identical"], told["std_over_samples"]) == (1.0, 0.0)
    assert told["predicted_shares"] == [0.0, 1.0, 0.0]


def test_an_even_answer_has_the_entropy_of_all_classes() -> None:
    assert outputs(np.zeros((10, 4)))["entropy"] == pytest.approx(math.log(4))


def test_probabilities_are_taken_as_they_are() -> None:
    shares = np.tile(np.array([0.5, 0.5, 0.0], dtype=np.float32), (10, 1))
    assert outputs(shares)["entropy"] == pytest.approx(math.log(2))


@pytest.mark.parametrize("shape", [(100,), (100, 1)])
def test_one_logit_is_an_answer_between_two_classes(shape: tuple[int, ...]) -> None:
    logits = np.repeat([-2.0, 2.0], [90, 10]).reshape(shape)
    told = outputs(logits, np.repeat([0, 1], 50))
    assert told["predicted_shares"] == [0.9, 0.1]
    assert told["label_shares"] == [0.5, 0.5]
    assert told["spread"] is None


def test_several_labels_are_told_one_by_one() -> None:
    tags = np.array([[1, 1, 0], [1, 0, 0]])
    told = outputs(np.array([[2.0, 1.0, -1.0], [2.0, -3.0, -1.0]]), tags)
    assert told["predicted_shares"] == told["label_shares"] == [1.0, 0.5, 0.0]


def test_quantities_have_ranges_and_no_classes() -> None:
    told = outputs(RNG.normal(size=(20, 3)), RNG.normal(size=(20, 3)))
    assert "std_over_samples" in told
    assert told.keys().isdisjoint({"entropy", "predicted_shares", "label_shares"})


def test_a_single_column_without_targets_has_ranges_alone() -> None:
    assert outputs(np.arange(4.0)).keys().isdisjoint({"entropy", "predicted_shares"})


@pytest.mark.parametrize("last", [True, False])
def test_classes_of_each_place_are_found_on_either_axis(*, last: bool) -> None:
    logits = np.zeros((2, 6, 5))
    logits[..., 3] = 1
    targets = np.full((2, 6), 3)
    told = outputs(logits if last else np.moveaxis(logits, 2, 1), targets)
    assert told["predicted_shares"] == told["label_shares"] == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_thinning_does_not_confuse_places_with_classes() -> None:
    places, classes = 1_999, 1_000  # every second place is looked at: as many as classes
    logits = np.zeros((1, places, classes), dtype=np.float32)
    logits[..., 1] = 1
    told: dict[str, Any] = outputs(logits, np.ones((1, places)))
    assert told["predicted_shares"][1] == told["label_shares"][1] == 1.0


def test_padding_does_not_count_as_an_answer() -> None:
    logits = np.eye(3)[[0, 1, 2, 2]]
    told = outputs(logits, [0, 1, -100, -100])
    assert told["labels_out_of_range"] == 2
    assert told["predicted_shares"] == [0.5, 0.5, 0.0]


def test_answers_that_are_not_finite_are_counted_and_left_out() -> None:
    told = outputs([[1.0, math.nan], [math.inf, 0.0], [2.0, 1.0]], [0, 1, 0])
    assert (told["nonfinite"], told["max"]) == (2, 2.0)
    assert told["predicted_shares"] == [1.0, 0.0]


@pytest.mark.parametrize("targets", [None, [0, 1]])
def test_nothing_finite_leaves_the_counts(targets: Any) -> None:  # noqa: ANN401 - any or none
    told = outputs(np.full((2, 3), math.nan), targets)
    assert (told["n"], told["nonfinite"]) == (2, 6)
    assert told.keys().isdisjoint({"min", "entropy", "predicted_shares"})


@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_no_samples_leave_the_counts(shape: tuple[int, ...]) -> None:
    assert outputs(np.zeros(shape), np.zeros(0))["n"] == 0


def test_of_many_samples_some_are_looked_at() -> None:
    n = NUMBERS // 2
    labels = np.arange(n) // (n // 2)
    told = outputs(np.eye(4, dtype=np.float32)[labels], labels)
    assert told["n"] == n
    assert told["predicted_shares"] == pytest.approx([0.5, 0.5, 0.0, 0.0])


def test_of_a_large_vocabulary_no_shares_are_told() -> None:
    told = outputs(np.zeros((3, 30_000), dtype=np.float32), [1, 2, 3])
    assert told.keys().isdisjoint({"predicted_shares", "label_shares"})
    assert told["entropy"] == pytest.approx(math.log(30_000))


@pytest.mark.parametrize(
    ("logits", "targets", "reason"),
    [
        (np.zeros((3, 2)), np.zeros(4), "do not go together"),
        (["a"], None, "logits are text"),
        (np.zeros((3, 2)), {"a": 1}, "targets are of type dict"),
    ],
)
def test_what_does_not_go_together_is_refused(logits: object, targets: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        outputs(logits, targets)


def test_the_fields_are_plain_json() -> None:
    told = outputs(torch.randn(8, 3, dtype=torch.bfloat16), torch.arange(8) % 3)
    assert told["dtype"] == "bfloat16"
    assert json.loads(json.dumps(told)) == told
