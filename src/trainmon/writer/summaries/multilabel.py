"""An evaluation of labels that do not exclude each other: each is a binary task of its own."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.summaries.arrays import Array
from trainmon.writer.summaries.evaluation import Evaluation, as_metrics, ratio
from trainmon.writer.summaries.pairing import are_probabilities
from trainmon.writer.summaries.ranking import Ranking
from trainmon.writer.summaries.usable import in_range, left_out, notices

RATES = ("f1_micro", "f1_macro", "exact_match", "auroc_macro", "ap_macro")
"""The metrics that every evaluation has."""

LABELS_LIMIT = 100
"""Labels told one by one, the rarest: those are lost first. Some 5 kB of the log."""

RANKED_SCORES = 5_000_000
"""Scores sorted for the mean areas, in 0.2 s. If there are more, some labels stand for all."""

Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Counts of entries by label."""

    hits: Counts
    predicted: Counts
    actual: Counts
    known: Counts
    """Entries that count."""

    @classmethod
    def of(
        cls,
        actual: NDArray[np.bool_],
        predicted: NDArray[np.bool_],
        known: NDArray[np.bool_],
    ) -> Self:
        """Return the counts of entries (n, labels), of which both are false where not known."""
        return cls(
            *(
                np.count_nonzero(entries, axis=0)
                for entries in (actual & predicted, predicted, actual, known)
            )
        )

    def confusion(self, label: int) -> list[list[int]]:
        """Return the confusion of one label, rows being the actual classes."""
        hits, predicted, actual, known = (
            int(counts[label]) for counts in (self.hits, self.predicted, self.actual, self.known)
        )
        return [[known - actual - predicted + hits, predicted - hits], [actual - hits, hits]]

    def f1_micro(self) -> float | None:
        """Return the F1 of all entries together."""
        return ratio(2 * int(self.hits.sum()), int((self.actual + self.predicted).sum()))

    def f1_macro(self) -> float | None:
        """Return the mean F1 of the labels that occur, as a label or as a prediction."""
        occurring = self.actual + self.predicted
        if not occurring.any():
            return None
        return float((2 * self.hits[occurring > 0] / occurring[occurring > 0]).mean())


def multilabel(targets: Array, scores: Array, threshold: float) -> Evaluation:
    """Return the evaluation of scores (n, labels) against zeros and ones (n, labels).

    What has no known label or no finite score is left out entry by entry, so that a sample of
    which some labels are unknown counts by the others.
    """
    in_place = in_range(targets, 2)
    finite = np.isfinite(scores)
    known = in_place & finite
    strays = targets[~in_place]
    unusable = left_out(strays, int(np.count_nonzero(in_place & ~finite)))
    told = notices(strays, targets.size, 2)
    n = int(np.count_nonzero(known.any(axis=1)))
    if not n:
        return Evaluation({"n": 0, **unusable}, as_metrics(dict.fromkeys(RATES)), told)
    actual = known & (targets == 1)
    predicted = known & (scores >= scores.dtype.type(threshold))
    counts = LabelCounts.of(actual, predicted, known)
    auroc, average_precision, ranked = _areas(actual, scores, known, counts)
    right = ((actual == predicted) | ~known).all(axis=1) & known.any(axis=1)
    rates: dict[str, float | None] = {
        "f1_micro": counts.f1_micro(),
        "f1_macro": counts.f1_macro(),
        "exact_match": int(np.count_nonzero(right)) / n,
        "auroc_macro": auroc,
        "ap_macro": average_precision,
    }
    fields: dict[str, object] = {
        "kind": "multilabel",
        "n": n,
        **unusable,
        "labels": scores.shape[1],
        "threshold": threshold,
        "scores": "probabilities" if are_probabilities(scores[known]) else "logits",
        **rates,
        "ranked_labels": ranked,
        "never_predicted": int(np.count_nonzero(counts.predicted == 0)),
        "never_occurring": int(np.count_nonzero(counts.actual == 0)),
        **_by_label(counts),
    }
    return Evaluation(fields, as_metrics(rates), told)


def _by_label(counts: LabelCounts) -> dict[str, object]:
    """Return what is told of each label, in lists of one order."""
    rarest = np.argsort(counts.actual, kind="stable")[:LABELS_LIMIT]
    shown = [int(label) for label in np.sort(rarest)]
    return {
        "label_indices": shown,
        "confusion": [counts.confusion(label) for label in shown],
        "predicted_shares": [
            ratio(counts.predicted[label], counts.known[label]) for label in shown
        ],
        "actual_shares": [ratio(counts.actual[label], counts.known[label]) for label in shown],
    }


def _areas(
    actual: NDArray[np.bool_], scores: Array, known: NDArray[np.bool_], counts: LabelCounts
) -> tuple[float | None, float | None, int]:
    """Return the mean AUROC and average precision of labels with both classes, and their number."""
    both = np.flatnonzero((counts.actual > 0) & (counts.actual < counts.known))
    chosen = both[:: max(-(-len(both) * len(scores) // RANKED_SCORES), 1)]
    areas, precisions = [], []
    for label in chosen:
        entries = known[:, label]
        ranking = Ranking.of(scores[entries, label], actual[entries, label])
        areas.append(ranking.auroc() or 0.0)
        precisions.append(ranking.average_precision() or 0.0)
    if not areas:
        return None, None, 0
    return float(np.mean(areas)), float(np.mean(precisions)), len(areas)
