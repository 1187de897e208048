"""An evaluation with several classes: who is taken for whom, and which classes are lost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.summaries.arrays import Array
from trainmon.writer.summaries.evaluation import Evaluation, as_metrics
from trainmon.writer.summaries.pairing import are_distributions
from trainmon.writer.summaries.usable import usable

Counts = NDArray[np.intp]

RATES = ("accuracy", "balanced_accuracy", "f1_macro")
"""The metrics that every evaluation has."""

CONFUSION_LIMIT = 100
"""Classes up to which the confusion is told whole: 10,000 counts, some 30 kB of the log."""

SHARES_LIMIT = 1_000
"""Classes up to which all shares are told, some 40 kB; of more, the commonest predictions."""

EXTREMES = 10
"""Classes shown as the best and the worst, or the commonest, where they are too many to tell."""

TOP = 5
"""How many of the best scores the right class may be among for a top-5 hit."""

BLOCK = 1 << 20
"""Scores compared at once: temporary arrays of a few MiB, whatever the evaluation's size."""

CONFIDENCE_SCORES = 1 << 20
"""Scores looked at for the mean confidence: its error is then below 0.2 % up to 10 classes, and
1.6 % at 1,000."""


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """Counts of samples by class."""

    actual: Counts
    predicted: Counts
    hits: Counts

    def f1(self) -> NDArray[np.float64]:
        """Return the F1 of the classes that occur, as a label or as a prediction."""
        occurring = self.actual + self.predicted
        return 2 * self.hits[occurring > 0] / occurring[occurring > 0]

    def recall(self) -> NDArray[np.float64]:
        """Return the recall of the classes that have samples."""
        return self.hits[self.actual > 0] / self.actual[self.actual > 0]


def multiclass(targets: Array, scores: Array) -> Evaluation:
    """Return the evaluation of scores (n, classes) against class indices (n,).

    The class with the highest score is predicted, the first of several.
    """
    classes = scores.shape[1]
    kept = usable(targets, scores, classes)
    n = len(kept.labels)
    if not n:
        metrics = as_metrics(dict.fromkeys(RATES))
        return Evaluation({"n": 0, **kept.left_out}, metrics, kept.notices)
    predicted = kept.scores.argmax(axis=1)
    counts = ClassCounts(
        np.bincount(kept.labels, minlength=classes),
        np.bincount(predicted, minlength=classes),
        np.bincount(kept.labels[predicted == kept.labels], minlength=classes),
    )
    rates: dict[str, float | None] = {
        "accuracy": int(counts.hits.sum()) / n,
        "balanced_accuracy": float(counts.recall().mean()),
        "f1_macro": float(counts.f1().mean()),
    }
    if classes > TOP:
        rates["top5"] = _top_hits(kept.labels, kept.scores) / n
    fields: dict[str, object] = {
        "kind": "multiclass",
        "n": n,
        **kept.left_out,
        "classes": classes,
        **rates,
        "never_predicted": int(np.count_nonzero(counts.predicted == 0)),
        "never_occurring": int(np.count_nonzero(counts.actual == 0)),
        "unique": len(np.unique(kept.scores[np.arange(n), predicted])),
        "confidence": _confidence(kept.scores),
        "predicted_entropy": _entropy(counts.predicted / n),
        **_by_class(counts, kept.labels, predicted),
    }
    return Evaluation(fields, as_metrics(rates), kept.notices)


def _by_class(counts: ClassCounts, labels: Counts, predicted: Counts) -> dict[str, object]:
    """Return what is told of each class, or of the extremes where they are many."""
    classes, n = len(counts.actual), len(labels)
    fields: dict[str, object] = {}
    if classes <= SHARES_LIMIT:
        fields["predicted_shares"] = (counts.predicted / n).tolist()
        fields["actual_shares"] = (counts.actual / n).tolist()
    if classes <= CONFUSION_LIMIT:
        cells = np.bincount(labels * classes + predicted, minlength=classes * classes)
        return fields | {"confusion": cells.reshape(classes, classes).tolist()}
    recall = counts.hits / np.maximum(counts.actual, 1)
    ordered = np.argsort(recall, kind="stable")
    ordered = ordered[counts.actual[ordered] > 0]
    commonest = np.argsort(-counts.predicted, kind="stable")
    for name, chosen in (
        ("worst_classes", ordered[:EXTREMES]),
        ("best_classes", ordered[::-1][:EXTREMES]),
        ("commonest_predictions", commonest[:EXTREMES]),
    ):
        fields[name] = [
            {
                "class": int(index),
                "actual_share": int(counts.actual[index]) / n,
                "predicted_share": int(counts.predicted[index]) / n,
                "recall": float(recall[index]) if counts.actual[index] else None,
            }
            for index in chosen
        ]
    return fields


def _top_hits(labels: Counts, scores: Array) -> int:
    """Return how often the right class is among the `TOP` best; of equal scores the first wins."""
    rows = max(BLOCK // scores.shape[1], 1)
    columns = np.arange(scores.shape[1])
    hits = 0
    for start in range(0, len(labels), rows):
        block, right = scores[start : start + rows], labels[start : start + rows, None]
        score = np.take_along_axis(block, right, axis=1)
        before = (block > score) | ((block == score) & (columns < right))
        hits += int(np.count_nonzero(np.count_nonzero(before, axis=1) < TOP))
    return hits


def _confidence(scores: Array) -> float:
    """Return the mean probability of the predicted class, by softmax if scores are logits."""
    looked_at = scores[:: -(-scores.size // CONFIDENCE_SCORES)]
    top = looked_at.max(axis=1, keepdims=True)
    if are_distributions(looked_at):
        return float(top.mean(dtype=np.float64))
    shares = 1 / np.exp(looked_at - top).sum(axis=1, dtype=np.float64)
    return float(shares.mean())


def _entropy(shares: NDArray[np.float64]) -> float:
    """Return the entropy in nats: 0 if one class is all, ln C if C are equal."""
    shares = shares[shares > 0]
    return max(float(-(shares * np.log(shares)).sum()), 0.0)
