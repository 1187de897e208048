"""How targets and scores tell what kind of task they are of."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.pairing import Kind, pair

Array = NDArray[Any]

RNG = np.random.default_rng(0)
LABELS = np.array([0, 1, 0, 1, 1, 0])
CLASSES = np.array([0, 1, 2, 3, 2, 1])
SHARES = RNG.random(6)
QUANTITIES = RNG.normal(size=6)
TABLE = RNG.random((6, 4))
TAGS = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]] * 2)


@pytest.mark.parametrize(
    ("targets", "scores", "kind"),
    [
        (LABELS, SHARES, "binary"),
        (LABELS == 1, SHARES, "binary"),
        (LABELS.astype(float), QUANTITIES, "binary"),
        (LABELS, SHARES[:, None], "binary"),
        (LABELS[:, None], SHARES[:, None], "binary"),
        (LABELS, TABLE[:, :2], "binary"),
        (np.eye(2)[LABELS], TABLE[:, :2], "binary"),
        (2 * LABELS, QUANTITIES, "binary"),
        (np.append(LABELS, 2), np.append(QUANTITIES, 0.5), "binary"),
        (CLASSES, SHARES, "binary"),
        (LABELS, LABELS[::-1], "binary"),
        (CLASSES, TABLE, "multiclass"),
        (CLASSES[:, None], TABLE, "multiclass"),
        (CLASSES.astype(np.float32), TABLE, "multiclass"),
        (np.eye(4)[CLASSES], TABLE, "multiclass"),
        (CLASSES.reshape(2, 3), TABLE.reshape(2, 3, 4), "multiclass"),
        (CLASSES.reshape(2, 3), np.moveaxis(TABLE.reshape(2, 3, 4), 2, 1), "multiclass"),
        (TAGS, TABLE, "multilabel"),
        (np.where(TABLE > 0.9, -1, TAGS), TABLE, "multilabel"),
        (LABELS.reshape(2, 1, 3, 1), SHARES.reshape(2, 1, 3, 1), "binary"),
        (QUANTITIES, SHARES, "regression"),
        (SHARES, SHARES, "regression"),
        (10 * CLASSES, QUANTITIES, "regression"),
        (TABLE, TABLE, "regression"),
    ],
)
def test_shape_and_content_tell_the_kind(targets: Array, scores: Array, kind: str) -> None:
    assert pair(targets, scores).kind == kind
    assert pair(torch.tensor(targets), torch.tensor(scores.copy())).kind == kind


@pytest.mark.parametrize(
    ("targets", "scores", "kind"),
    [
        (SHARES, SHARES, "binary"),
        (LABELS, TABLE[:, :2], "multiclass"),
        (np.eye(4)[CLASSES], TABLE, "multilabel"),
        (LABELS, SHARES, "multilabel"),
        (LABELS, SHARES, "regression"),
        (CLASSES, CLASSES, "regression"),
    ],
)
def test_the_kind_can_be_given(targets: Array, scores: Array, kind: Kind) -> None:
    assert pair(targets, scores, kind).kind == kind


@pytest.mark.parametrize(
    ("targets", "scores", "kind", "reason"),
    [
        (LABELS, SHARES[:5], None, r"shape \(6,\) and scores of shape \(5,\) do not go together"),
        (LABELS, TABLE[:5], None, "do not go together"),
        (TABLE, SHARES, None, "do not go together"),
        (QUANTITIES, TABLE, None, "want class indices, not fractions"),
        (CLASSES, CLASSES, None, "scores look like class indices"),
        (LABELS, TABLE, "binary", "cannot be binary"),
        (LABELS, SHARES, "multiclass", "cannot be multiclass"),
        (CLASSES, TABLE, "multilabel", "cannot be multilabel"),
        (CLASSES, TABLE, "regression", "cannot be regression"),
        (LABELS, SHARES, "ranking", "no kind 'ranking'; there are: binary, multiclass"),
    ],
)
def test_what_does_not_go_together_is_refused_with_a_reason(
    targets: Array, scores: Array, kind: Kind | None, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        pair(targets, scores, kind)


@pytest.mark.parametrize("threshold", ["high", None, float("nan")])
def test_a_threshold_that_is_no_number_is_refused(threshold: object) -> None:
    with pytest.raises(ValueError, match="threshold"):
        evaluate("val", LABELS, SHARES, threshold)  # type: ignore[arg-type]  # that is the point


def test_two_columns_of_logits_rank_by_their_distance() -> None:
    logits = RNG.normal(size=(50, 2)) * 5
    share = np.exp(logits[:, 1]) / np.exp(logits).sum(axis=1)
    np.testing.assert_allclose(pair(np.ones(50), logits).scores, share)


def test_the_second_of_two_probabilities_is_the_score() -> None:
    shares = np.stack((1 - SHARES, SHARES), axis=1)
    assert pair(LABELS, shares).scores.tolist() == SHARES.tolist()


def test_far_apart_logits_stay_different() -> None:
    logits = np.array([[0, 20], [0, 21], [0, 22]], dtype=np.float32)
    assert len(set(pair([0, 1, 1], logits).scores.tolist())) == 3


@pytest.mark.parametrize(
    ("targets", "scores"), [([], []), (np.zeros(0), np.zeros((0, 4))), (torch.zeros(0), [])]
)
def test_nothing_is_told_of_nothing(targets: object, scores: object) -> None:
    evaluation = evaluate("val", targets, scores)
    assert evaluation.fields == {"split": "val", "n": 0}
    assert evaluation.metrics == {}


def test_given_metrics_join_the_computed_ones_and_win() -> None:
    own = {"f1": 0.25, "val/loss": 0.5}
    metrics = evaluate("val", LABELS, SHARES, metrics=own).metrics
    assert metrics["val/f1"] == 0.25
    assert metrics["val/loss"] == 0.5
    assert "val/auroc" in metrics


def test_the_event_tells_given_metrics_apart_from_computed_ones() -> None:
    fields = evaluate("val", LABELS, LABELS, metrics={"f1": 0.0}).fields
    assert fields["metrics"] == {"f1": 0.0}
    assert fields["f1"] == 1.0
