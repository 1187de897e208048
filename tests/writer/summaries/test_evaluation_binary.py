"""Evaluations with two classes, beside scikit-learn's and at their edges."""

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

from trainmon.roles import Direction, Role, role_of
from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.pairing import Kind

Array = NDArray[Any]
Fields = dict[str, Any]


def fields_of(
    targets: object, scores: object, threshold: float = 0.5, kind: Kind | None = None
) -> Fields:
    return dict(evaluate("val", targets, scores, threshold, kind=kind).fields)


# Scores on a grid of 21 tie often; all floats almost never do.
scores_with_ties = st.integers(0, 20).map(lambda step: step / 20)
any_scores = st.floats(-100, 100, width=32)


@st.composite
def samples(draw: st.DrawFn) -> tuple[Array, Array]:
    n = draw(st.integers(1, 60))
    elements = draw(st.sampled_from([scores_with_ties, any_scores]))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    labels = draw(npst.arrays(np.int64, n, elements=st.integers(0, 1)))
    return labels, np.array(draw(st.lists(elements, min_size=n, max_size=n)), dtype=dtype)


def highest_tpr(labels: Array, scores: Array, limit: float) -> float:
    fpr, tpr, _ = sk.roc_curve(labels, scores, drop_intermediate=False)
    return float(tpr[fpr <= limit].max())


def lowest_fpr(labels: Array, scores: Array, limit: float) -> float:
    fpr, tpr, _ = sk.roc_curve(labels, scores, drop_intermediate=False)
    return float(fpr[tpr >= limit].min())


@given(samples())
@settings(max_examples=80)
def test_rates_are_those_of_scikit_learn(given_samples: tuple[Array, Array]) -> None:
    labels, scores = given_samples
    fields = fields_of(labels, scores, kind="binary")
    predicted = scores >= 0.5
    matrix = sk.confusion_matrix(labels, predicted, labels=[0, 1])
    assert fields["confusion"] == matrix.tolist()
    assert fields["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
    if labels.any():
        assert fields["f1"] == pytest.approx(sk.f1_score(labels, predicted, zero_division=0))
        assert fields["recall"] == pytest.approx(sk.recall_score(labels, predicted))
    if predicted.any():
        assert fields["precision"] == pytest.approx(sk.precision_score(labels, predicted))
    assert fields["unique"] == len(np.unique(scores))
    assert sum(fields["histogram"]["counts"]) == fields["n"] == len(labels)


@given(samples().filter(lambda pair: 0 < pair[0].sum() < len(pair[0])))
@settings(max_examples=80)
def test_the_ranking_is_that_of_scikit_learn(given_samples: tuple[Array, Array]) -> None:
    labels, scores = given_samples
    fields = fields_of(labels, scores, kind="binary")
    assert fields["auroc"] == pytest.approx(sk.roc_auc_score(labels, scores))
    assert fields["ap"] == pytest.approx(sk.average_precision_score(labels, scores))
    precision, recall, _ = sk.precision_recall_curve(labels, scores)
    best = max(2 * precision * recall / np.maximum(precision + recall, 1e-9))
    assert fields["best_f1"] == pytest.approx(best)
    assert sk.f1_score(labels, scores >= fields["best_threshold"]) == pytest.approx(best)
    for name, point in fields["operating_points"].items():
        kind, limit = name.split("@")
        oracle = highest_tpr if kind == "tpr" else lowest_fpr
        assert point["rate"] == pytest.approx(oracle(labels, scores, float(limit[3:])))


@given(samples().filter(lambda pair: 0 < pair[0].sum() < len(pair[0])))
@settings(max_examples=60)
def test_an_operating_point_is_reached_at_its_threshold(given_samples: tuple[Array, Array]) -> None:
    labels, scores = given_samples
    for name, point in fields_of(labels, scores, kind="binary")["operating_points"].items():
        if point["threshold"] is None:
            assert point["rate"] == 0
            continue
        above = scores >= point["threshold"]
        counted = labels == (1 if name.startswith("tpr") else 0)
        assert above[counted].mean() == pytest.approx(point["rate"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_evaluation_is_that_of_scikit_learn(dtype: type[np.floating[Any]]) -> None:
    rng = np.random.default_rng(0)
    labels = rng.random(200_000) < 0.3
    scores = np.clip(rng.normal(0.4 + 0.2 * labels, 0.1), 0, 1).astype(dtype)
    fields = fields_of(labels, scores)
    assert fields["auroc"] == pytest.approx(sk.roc_auc_score(labels, scores), rel=1e-12)
    assert fields["ap"] == pytest.approx(sk.average_precision_score(labels, scores), rel=1e-9)
    points = fields["operating_points"]
    assert points["tpr@fpr1e-5"]["rate"] == highest_tpr(labels, scores, 1e-5)
    assert points["tpr@fpr1e-4"]["rate"] == highest_tpr(labels, scores, 1e-4)
    assert points["fpr@tpr.85"]["rate"] == lowest_fpr(labels, scores, 0.85)


def test_the_tail_of_negatives_tells_a_false_positive_rate_of_one_in_ten_thousand() -> None:
    scores = np.random.default_rng(0).random(100_000)
    labels = np.arange(100_000) % 2
    quantiles = fields_of(labels, scores)["quantiles"]
    cut = quantiles["negative"][quantiles["shares"].index(0.9999)]
    assert (scores[labels == 0] > cut).mean() == 1e-4


@given(samples(), st.sampled_from([1.0, 0.5, 0.25]))
@settings(max_examples=50)
def test_quantiles_are_scores_that_their_share_does_not_exceed(
    given_samples: tuple[Array, Array], share: float
) -> None:
    labels, scores = given_samples
    quantiles = fields_of(labels, scores * np.float32(share), kind="binary")["quantiles"]
    for part, values in (("negative", labels == 0), ("positive", labels == 1)):
        if not values.any():
            assert quantiles[part] is None
            continue
        own = scores[values] * np.float32(share)
        for limit, value in zip(quantiles["shares"], quantiles[part], strict=True):
            assert value in own
            assert (own > value).mean() <= 1 - limit + 1e-12


def test_what_the_samples_do_not_resolve_is_no_operating_point() -> None:
    labels = np.repeat([0, 1], [500, 10])
    points = fields_of(labels, np.linspace(0, 1, 510))["operating_points"]
    assert set(points) == {"tpr@fpr1e-1", "tpr@fpr1e-2", "fpr@tpr.5", "fpr@tpr.7", "fpr@tpr.85"}


def test_scores_that_are_all_equal_have_no_area_but_chance() -> None:
    labels = np.array([1, 1, 1, 0, 0, 0, 0])
    fields = fields_of(labels, np.full(7, 0.3))
    assert fields["auroc"] == 0.5
    assert fields["ap"] == fields["prevalence"] == 3 / 7
    assert fields["unique"] == 1


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_alone_leaves_the_ranking_undefined(label: int) -> None:
    evaluation = evaluate("val", [label] * 30, np.linspace(0, 1, 30))
    undefined = ("auroc", "ap", "best_threshold", "best_f1")
    assert [evaluation.fields[name] for name in undefined] == [None] * 4
    assert evaluation.fields["operating_points"] == {}
    assert {str(evaluation.metrics[name]) for name in ("val/auroc", "val/ap")} == {"nan"}


def test_without_positives_f1_is_undefined_rather_than_bad() -> None:
    evaluation = evaluate("val", [0, 0, 0], [0.1, 0.6, 0.2])
    assert evaluation.fields["positives"] == 0
    assert evaluation.fields["f1"] is evaluation.fields["recall"] is None
    assert str(evaluation.metrics["val/f1"]) == "nan"


def test_a_score_at_the_threshold_is_positive_in_its_own_precision() -> None:
    scores = np.array([0.7, 0.1], dtype=np.float32)
    assert fields_of([1, 0], scores, 0.7)["confusion"] == [[1, 0], [0, 1]]


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    scores = [0.2, math.nan, 0.8, math.inf, -math.inf, 0.4]
    fields = fields_of([0, 1, 1, 1, 0, 0], scores)
    assert (fields["n"], fields["nonfinite"], fields["positives"]) == (3, 3, 1)


def test_nothing_finite_leaves_the_counts_alone() -> None:
    evaluation = evaluate("val", [0, 1], [math.nan, math.nan])
    assert evaluation.fields == {"split": "val", "n": 0, "nonfinite": 2}
    assert str(evaluation.metrics["val/f1"]) == "nan"


@given(
    npst.arrays(np.int64, 20, elements=st.sampled_from([-100, 0, 1, 2])),
    npst.arrays(np.float64, 20, elements=st.sampled_from([0.1, 0.6, math.nan, math.inf])),
)
def test_every_sample_is_counted_once(labels: Array, scores: Array) -> None:
    fields = fields_of(labels, scores, kind="binary")
    counts = (fields.get(name, 0) for name in ("n", "labels_out_of_range", "nonfinite"))
    assert sum(counts) == 20


def test_labels_to_be_ignored_are_counted_and_not_told() -> None:
    evaluation = evaluate("val", [0, 1, -100, -100], [0.1, 0.9, 0.5, 0.5])
    assert (evaluation.fields["n"], evaluation.fields["labels_out_of_range"]) == (2, 2)
    assert evaluation.notices == {}


def test_logits_are_noted_and_their_histogram_follows_them() -> None:
    evaluation = evaluate("val", [0, 0, 1, 1], [-4.0, -1.5, 2.5, 6.0])
    assert evaluation.fields["scores"] == "logits"
    assert evaluation.fields["histogram"] == {
        "low": -4.0,
        "high": 6.0,
        "counts": [1, 0, 1, 0, 0, 0, 1, 0, 0, 1],
    }
    assert "threshold=0" in evaluation.notices["threshold"]


def test_logits_with_a_threshold_of_their_own_are_no_news() -> None:
    assert evaluate("val", [0, 1], [-4.0, 2.0], threshold=0.0).notices == {}


def test_logits_that_are_all_equal_lie_in_one_bin() -> None:
    histogram = fields_of([0, 1], [3.0, 3.0])["histogram"]
    assert sorted(histogram["counts"]) == [0] * 9 + [2]


def test_every_field_is_plain_json() -> None:
    fields = fields_of([True, False] * 50, np.linspace(0, 1, 100, dtype=np.float32))
    assert json.loads(json.dumps(fields)) == fields


def test_scores_and_targets_are_left_as_they_were() -> None:
    labels, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.4, np.nan, 0.1])
    fields_of(labels, scores)
    np.testing.assert_array_equal(labels, [1, 0, 1, 0])
    np.testing.assert_array_equal(scores, [0.9, 0.4, np.nan, 0.1])


def test_every_metric_has_a_role_and_a_direction() -> None:
    rng = np.random.default_rng(0)
    labels = rng.random(200_000) < 0.5
    for name in evaluate("val", labels, rng.random(200_000)).metrics:
        role = role_of(name)
        assert role.role == Role.VAL_METRIC
        lower = name.startswith("val/fpr")
        assert role.direction == (Direction.LOWER if lower else Direction.HIGHER)
