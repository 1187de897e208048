"""Evaluations with several classes, beside scikit-learn's and at their edges."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from sklearn import metrics as sk

from trainmon.roles import Direction, role_of
from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.multiclass import BLOCK

Array = NDArray[Any]


def fields_of(targets: object, scores: object) -> dict[str, Any]:
    return dict(evaluate("val", targets, scores, kind="multiclass").fields)


@st.composite
def samples(draw: st.DrawFn) -> tuple[Array, Array]:
    n, classes = draw(st.integers(1, 40)), draw(st.integers(2, 8))
    labels = draw(npst.arrays(np.int64, n, elements=st.integers(0, classes - 1)))
    scores = draw(npst.arrays(np.float32, (n, classes), elements=st.floats(-9, 9, width=32)))
    return labels, scores


@given(samples())
@settings(max_examples=80)
def test_rates_are_those_of_scikit_learn(given_samples: tuple[Array, Array]) -> None:
    labels, scores = given_samples
    classes = scores.shape[1]
    predicted = scores.argmax(axis=1)
    fields = fields_of(labels, scores)
    matrix = sk.confusion_matrix(labels, predicted, labels=range(classes))
    assert fields["confusion"] == matrix.tolist()
    assert fields["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
    macro = sk.f1_score(labels, predicted, average="macro", zero_division=0)
    assert fields["f1_macro"] == pytest.approx(macro)
    recalls = sk.recall_score(labels, predicted, labels=np.unique(labels), average=None)
    assert fields["balanced_accuracy"] == pytest.approx(recalls.mean())
    assert fields["predicted_shares"] == pytest.approx(matrix.sum(axis=0) / len(labels))
    assert fields["actual_shares"] == pytest.approx(matrix.sum(axis=1) / len(labels))


def test_a_top_5_hit_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 20, 500), rng.normal(size=(500, 20))
    expected = sk.top_k_accuracy_score(labels, scores, k=5, labels=range(20))
    assert fields_of(labels, scores)["top5"] == pytest.approx(expected)


def test_an_evaluation_larger_than_a_block_is_counted_whole() -> None:
    classes = 6
    n = BLOCK // classes + 100
    labels = np.arange(n) % classes
    fields = fields_of(labels, -np.eye(classes, dtype=np.float32)[labels])
    assert fields["top5"] == 0.0


def test_equal_scores_are_no_top_5_hits_for_the_last_classes() -> None:
    assert fields_of(np.arange(10), np.zeros((10, 10)))["top5"] == 0.5


def test_up_to_five_classes_have_no_top_5() -> None:
    evaluation = evaluate("val", [0, 1, 2], np.eye(3))
    assert "top5" not in evaluation.fields
    assert "val/top5" not in evaluation.metrics


def test_a_collapsed_head_shows() -> None:
    labels = np.arange(100) % 4
    fields = fields_of(labels, np.tile([0.1, 2.0, 0.3, 0.2], (100, 1)))
    assert fields["predicted_shares"] == [0.0, 1.0, 0.0, 0.0]
    assert fields["predicted_entropy"] == 0.0
    assert fields["never_predicted"] == 3
    assert fields["unique"] == 1


def test_confidence_is_the_mean_probability_of_what_is_predicted() -> None:
    shares = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4]], dtype=np.float32)
    assert fields_of([0, 1], shares)["confidence"] == pytest.approx(0.6)
    assert fields_of([0, 1], np.log(shares) - 3)["confidence"] == pytest.approx(0.6)


def test_logits_that_would_overflow_have_a_confidence() -> None:
    assert fields_of([0, 1], [[1e4, 0.0], [0.0, 1e30]])["confidence"] == 1.0


def test_many_classes_are_told_by_their_extremes() -> None:
    classes = 300
    labels = np.repeat(np.arange(classes), 2)
    scores = np.eye(classes, dtype=np.float32)[np.where(labels < 5, 7, labels)]
    fields = fields_of(labels, scores)
    assert "confusion" not in fields
    assert len(fields["predicted_shares"]) == classes
    assert [entry["class"] for entry in fields["worst_classes"][:5]] == [0, 1, 2, 3, 4]
    assert fields["best_classes"][0]["recall"] == 1.0
    assert fields["commonest_predictions"][0] == {
        "class": 7,
        "actual_share": 2 / 600,
        "predicted_share": 12 / 600,
        "recall": 1.0,
    }


def test_a_vocabulary_of_classes_stays_a_short_line() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200, 30_000)).astype(np.float32)
    fields = fields_of(rng.integers(0, 30_000, 200), scores)
    assert len(json.dumps(fields)) < 5_000


def test_labels_out_of_range_and_scores_not_finite_are_left_out() -> None:
    scores = np.eye(3)[[0, 1, 2, 0, 1]]
    scores[1, 2] = math.nan
    evaluation = evaluate("val", [0, 1, 2, 3, -100], scores)
    fields = evaluation.fields
    assert (fields["n"], fields["nonfinite"], fields["labels_out_of_range"]) == (2, 1, 2)
    assert fields["strange_labels"] == [-100.0, 3.0]
    assert "for 3 classes" in evaluation.notices["labels"]


def test_large_scores_whose_sum_overflows_are_finite() -> None:
    scores = np.full((2, 3), 3e38, dtype=np.float32)
    assert fields_of([0, 1], scores)["n"] == 2


def test_every_metric_has_a_direction() -> None:
    metrics = evaluate("val", np.arange(10), np.eye(10)).metrics
    assert set(metrics) == {
        f"val/{n}" for n in ("accuracy", "balanced_accuracy", "f1_macro", "top5")
    }
    assert {role_of(name).direction for name in metrics} == {Direction.HIGHER}
