"""An evaluation with two classes: the confusion at a threshold, and how well the scores rank."""

from dataclasses import asdict

import numpy as np

from trainmon.writer.summaries.arrays import Array, Floats
from trainmon.writer.summaries.evaluation import Evaluation, as_metrics, ratio
from trainmon.writer.summaries.pairing import are_probabilities
from trainmon.writer.summaries.ranking import QUANTILES, QUANTILES_OF, Ranking, tails
from trainmon.writer.summaries.usable import usable

BINS = 10
"""Bins of the histogram of scores: enough to see two heaps, one heap, or a wall at a threshold."""

RATES = ("accuracy", "precision", "recall", "f1", "auroc", "ap")
"""The metrics that every evaluation has."""

PROBABILITY_THRESHOLD = 0.5
"""The threshold that suggests probabilities were meant."""

_LOGITS_NOTICE = (
    "scores outside 0 to 1 look like logits, and the threshold of 0.5 was applied to them as they "
    "are; for logits give threshold=0, or give their sigmoid"
)


def binary(targets: Array, scores: Array, threshold: float) -> Evaluation:
    """Return the evaluation of scores (n,) against labels 0 and 1 (n,).

    A score at or above the threshold predicts 1. Without positives F1 and recall are undefined,
    without predicted ones precision, and without both classes all that ranks.
    """
    kept = usable(targets, scores, classes=2)
    if not len(kept.labels):
        metrics = as_metrics(dict.fromkeys(RATES))
        return Evaluation({"n": 0, **kept.left_out}, metrics, kept.notices)
    n = len(kept.labels)
    ranking = Ranking.of(kept.scores, kept.labels == 1)
    probabilities = are_probabilities(kept.scores)
    matrix = _confusion(ranking, threshold)
    rates = _rates(matrix)
    rates |= {"auroc": ranking.auroc(), "ap": ranking.average_precision()}
    points = ranking.operating_points()
    fields: dict[str, object] = {
        "kind": "binary",
        "n": n,
        **kept.left_out,
        "positives": len(ranking.positive),
        "prevalence": len(ranking.positive) / n,
        "threshold": threshold,
        "scores": "probabilities" if probabilities else "logits",
        "confusion": matrix,
        "predicted_shares": [sum(column) / n for column in zip(*matrix, strict=True)],
        "actual_shares": [sum(row) / n for row in matrix],
        **rates,
        **_of_scores(ranking, probabilities=probabilities),
        "operating_points": {name: asdict(point) for name, point in points.items()},
    }
    metrics = as_metrics(rates | {name: point.rate for name, point in points.items()})
    doubtful = not probabilities and threshold == PROBABILITY_THRESHOLD
    notices = kept.notices | ({"threshold": _LOGITS_NOTICE} if doubtful else {})
    return Evaluation(fields, metrics, notices)


def _confusion(ranking: Ranking, threshold: float) -> list[list[int]]:
    """Return counts of samples: rows are the actual classes, columns the predicted ones."""
    rows = []
    for ascending in (ranking.negative, ranking.positive):
        # In the type of the scores, as libraries compare: 0.7 is not the float32 nearest to it.
        below = int(np.searchsorted(ascending, ascending.dtype.type(threshold)))
        rows.append([below, len(ascending) - below])
    return rows


def _rates(matrix: list[list[int]]) -> dict[str, float | None]:
    (true_negatives, false_positives), (false_negatives, true_positives) = matrix
    positives = false_negatives + true_positives
    predicted = false_positives + true_positives
    return {
        "accuracy": ratio(true_negatives + true_positives, sum(map(sum, matrix))),
        "precision": ratio(true_positives, predicted),
        "recall": ratio(true_positives, positives),
        "f1": ratio(2 * true_positives, predicted + positives) if positives else None,
    }


def _of_scores(ranking: Ranking, *, probabilities: bool) -> dict[str, object]:
    """Return what is told of the scores by themselves: best cut, histogram and tails."""
    best_threshold, best_f1 = ranking.best() or (None, None)
    low, high = (0.0, 1.0) if probabilities else _range(ranking)
    shares = np.linspace(0, 1, BINS + 1)
    edges = low * (1 - shares) + high * shares
    positive, negative = (_counts(part, edges) for part in (ranking.positive, ranking.negative))
    counts = [sum(both) for both in zip(positive, negative, strict=True)]
    return {
        "best_threshold": best_threshold,
        "best_f1": best_f1,
        "unique": ranking.unique,
        "histogram": {"low": low, "high": high, "counts": counts},
        "histogram_positive": positive,
        "histogram_negative": negative,
        "quantiles": {
            "shares": [part / QUANTILES_OF for part in QUANTILES],
            "positive": tails(ranking.positive),
            "negative": tails(ranking.negative),
        },
    }


def _range(ranking: Ranking) -> tuple[float, float]:
    """Return the least and the greatest score, apart if they are one."""
    parts = [part for part in (ranking.negative, ranking.positive) if len(part)]
    low, high = min(float(part[0]) for part in parts), max(float(part[-1]) for part in parts)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _counts(ascending: Floats, edges: Floats) -> list[int]:
    """Return how many values lie in each bin; the last one holds its upper edge too."""
    inner = np.searchsorted(ascending, edges[1:-1].astype(ascending.dtype))
    return [int(count) for count in np.diff(inner, prepend=0, append=len(ascending))]
