"""Evaluations of labels that do not exclude each other, beside scikit-learn's."""

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

Array = NDArray[Any]


def fields_of(targets: object, scores: object, threshold: float = 0.5) -> dict[str, Any]:
    return dict(evaluate("val", targets, scores, threshold, kind="multilabel").fields)


@st.composite
def samples(draw: st.DrawFn) -> tuple[Array, Array]:
    shape = draw(st.integers(2, 40)), draw(st.integers(2, 6))
    labels = draw(npst.arrays(np.int64, shape, elements=st.integers(0, 1)))
    scores = draw(npst.arrays(np.float32, shape, elements=st.integers(0, 20).map(lambda x: x / 20)))
    return labels, scores


@given(samples())
@settings(max_examples=60)
def test_rates_are_those_of_scikit_learn(given_samples: tuple[Array, Array]) -> None:
    labels, scores = given_samples
    predicted = (scores >= 0.5).astype(int)
    fields = fields_of(labels, scores)
    matrices = sk.multilabel_confusion_matrix(labels, predicted)
    assert fields["confusion"] == matrices.tolist()
    assert fields["exact_match"] == pytest.approx(sk.accuracy_score(labels, predicted))
    if (labels | predicted).any():
        micro = sk.f1_score(labels, predicted, average="micro")
        macro = sk.f1_score(labels, predicted, average="macro", zero_division=np.nan)
        assert fields["f1_micro"] == pytest.approx(micro)
        assert fields["f1_macro"] == pytest.approx(macro)
    both = [column for column in range(labels.shape[1]) if len(set(labels[:, column])) == 2]
    assert fields["ranked_labels"] == len(both)
    if both:
        areas = [sk.roc_auc_score(labels[:, c], scores[:, c]) for c in both]
        precisions = [sk.average_precision_score(labels[:, c], scores[:, c]) for c in both]
        assert fields["auroc_macro"] == pytest.approx(np.mean(areas))
        assert fields["ap_macro"] == pytest.approx(np.mean(precisions))


def test_unknown_labels_are_left_out_entry_by_entry() -> None:
    labels = np.array([[1, -1, 0], [0, 1, 1], [1, 0, 0]])
    scores = np.array([[0.9, 0.9, 0.1], [0.2, math.nan, 0.8], [0.7, 0.3, 0.4]])
    evaluation = evaluate("val", labels, scores)
    fields = evaluation.fields
    assert (fields["n"], fields["labels_out_of_range"], fields["nonfinite"]) == (3, 1, 1)
    assert fields["confusion"] == [[[1, 0], [0, 2]], [[1, 0], [0, 0]], [[2, 0], [0, 1]]]
    assert fields["exact_match"] == 1.0


def test_of_many_labels_the_rarest_are_told() -> None:
    labels = np.triu(np.ones((150, 150), dtype=np.int64))
    labels[:, 120] = 0
    fields = fields_of(labels, labels * 0.8)
    assert fields["label_indices"] == [*range(99), 120]
    assert fields["confusion"][-1] == [[150, 0], [0, 0]]
    assert fields["actual_shares"][0] == 1 / 150
    assert fields["labels"] == 150
    assert fields["never_occurring"] == 1


def test_labels_of_one_class_have_no_area() -> None:
    labels = np.array([[1, 1], [1, 1], [1, 1]])
    evaluation = evaluate("val", labels, np.full((3, 2), 0.7))
    assert evaluation.fields["auroc_macro"] is None
    assert str(evaluation.metrics["val/auroc_macro"]) == "nan"


def test_nothing_predicted_and_nothing_true_has_no_f1() -> None:
    fields = fields_of(np.zeros((4, 2)), np.zeros((4, 2)))
    assert fields["f1_micro"] is fields["f1_macro"] is None
    assert fields["exact_match"] == 1.0


def test_unknown_labels_alone_leave_the_counts() -> None:
    fields = fields_of(np.full((3, 2), -1), np.zeros((3, 2)))
    assert fields == {
        "split": "val",
        "n": 0,
        "labels_out_of_range": 6,
        "strange_labels": [-1.0],
    }


def test_the_fields_are_plain_json_and_the_metrics_have_directions() -> None:
    rng = np.random.default_rng(0)
    evaluation = evaluate("val", rng.random((50, 4)) < 0.4, rng.normal(size=(50, 4)), threshold=0.0)
    assert json.loads(json.dumps(evaluation.fields)) == evaluation.fields
    assert evaluation.fields["scores"] == "logits"
    assert {role_of(name).direction for name in evaluation.metrics} == {Direction.HIGHER}
