"""How well scores rank: areas under curves, operating points, the best threshold, the tails.

Everything follows from the scores of both classes, each sorted by itself: the two sorts are the
only work that grows faster than the number of scores.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.summaries.arrays import Array, Floats

FPR_DIGITS = (1, 2, 3, 4, 5)
"""False-positive rates at which the true-positive rate is told, as negative powers of ten."""

TPR_PERCENT = (50, 70, 85, 95)
"""True-positive rates, in percent, at which the false-positive rate is told."""

QUANTILES_OF = 100_000
QUANTILES = (0, 100, 1_000, 10_000, 50_000, 90_000, 99_000, 99_900, 99_990, 99_999, 100_000)
"""Shares, in `QUANTILES_OF`, of the scores of a class that are at or below the value told. Dense
in both tails: there the negatives set the false-positive rate, and the positives that are missed
show."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A rate that is reached where another one is fixed."""

    rate: float
    threshold: float | None
    """The score at and above which a sample is taken for positive; None if no positive's is."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The scores of both classes, and how many lie at or above each distinct positive one."""

    negative: Floats
    """Ascending."""
    positive: Floats
    """Ascending."""
    thresholds: Floats
    """The distinct scores of positives, ascending."""
    hits: NDArray[np.intp]
    """Positives at or above each threshold."""
    below: NDArray[np.intp]
    """Negatives below each threshold."""
    not_above: NDArray[np.intp]
    """Negatives at or below each threshold."""

    @classmethod
    def of(cls, scores: Floats, positives: NDArray[np.bool_]) -> Self:
        """Return the ranking of finite scores (n,) by whether each is of a positive (n,)."""
        negative, positive = np.sort(scores[~positives]), np.sort(scores[positives])
        first = _run_starts(positive)
        thresholds = positive[first]
        below = np.searchsorted(negative, thresholds)
        not_above = below.copy()
        inside = below < len(negative)
        tied = np.flatnonzero(inside)[negative[below[inside]] == thresholds[inside]]
        not_above[tied] = np.searchsorted(negative, thresholds[tied], side="right")
        return cls(negative, positive, thresholds, len(positive) - first, below, not_above)

    @property
    def has_both(self) -> bool:
        """Whether there are positives and negatives: nothing is ranked otherwise."""
        return len(self.positive) > 0 and len(self.negative) > 0

    @property
    def unique(self) -> int:
        """How many different scores there are."""
        shared = np.count_nonzero(self.not_above > self.below)
        return len(self.thresholds) + len(_run_starts(self.negative)) - int(shared)

    def auroc(self) -> float | None:
        """Return the chance that a positive scores above a negative, ties counted half.

        The area under the ROC curve by Mann and Whitney, exact but for the last division.
        """
        if not self.has_both:
            return None
        twice = int(self._tied_positives() @ (self.below + self.not_above))
        return twice / (2 * len(self.positive) * len(self.negative))

    def average_precision(self) -> float | None:
        """Return the precision at each threshold, weighted by the recall that it adds."""
        if not self.has_both:
            return None
        weights = self._tied_positives() / len(self.positive)
        return float(weights @ (self.hits / self._above()))

    def best(self) -> tuple[float, float] | None:
        """Return the threshold with the highest F1, and that F1; None without both classes."""
        if not self.has_both:
            return None
        f1 = 2 * self.hits / (self._above() + len(self.positive))
        index = int(f1.argmax())
        return float(self.thresholds[index]), float(f1[index])

    def operating_points(self) -> dict[str, OperatingPoint]:
        """Return the points by name, such as ``tpr@fpr1e-4`` and ``fpr@tpr.85``.

        Only those that the samples resolve, so that at least one negative may be above, or one
        positive below: 1,000 negatives tell nothing of a false-positive rate of 1e-4.
        """
        if not self.has_both:
            return {}
        points = {}
        for digits in FPR_DIGITS:
            if allowed := len(self.negative) // 10**digits:
                points[f"tpr@fpr1e-{digits}"] = self._with_false_positives(allowed)
        for percent in TPR_PERCENT:
            if missed := len(self.positive) * (100 - percent) // 100:
                point = f"{percent / 100:g}".removeprefix("0")
                points[f"fpr@tpr{point}"] = self._with_missed(missed)
        return points

    def _with_false_positives(self, allowed: int) -> OperatingPoint:
        bar = self.negative[-allowed - 1]
        first = int(np.searchsorted(self.positive, bar, side="right"))
        above = self.positive[first:]
        return OperatingPoint(
            len(above) / len(self.positive), float(above[0]) if len(above) else None
        )

    def _with_missed(self, missed: int) -> OperatingPoint:
        threshold = self.positive[missed]
        above = len(self.negative) - int(np.searchsorted(self.negative, threshold))
        return OperatingPoint(above / len(self.negative), float(threshold))

    def _tied_positives(self) -> NDArray[np.intp]:
        """Return how many positives have each threshold as their score."""
        return -np.diff(self.hits, append=0)

    def _above(self) -> NDArray[np.intp]:
        """Return how many samples score at or above each threshold."""
        return self.hits + (len(self.negative) - self.below)


def tails(ascending: Floats) -> list[float] | None:
    """Return the scores at the shares of `QUANTILES`; None of no scores.

    Each is one of the scores, the smallest that at least this share does not exceed: at most 1e-4
    of the negatives score above their quantile of 0.9999.
    """
    if not len(ascending):
        return None
    ranks = [max(-(-share * len(ascending) // QUANTILES_OF) - 1, 0) for share in QUANTILES]
    return [float(value) for value in ascending[ranks]]


def _run_starts(ascending: Array) -> NDArray[np.intp]:
    """Return where each run of equal values begins."""
    changes = np.empty(len(ascending), dtype=np.bool_)
    changes[:1] = True
    np.not_equal(ascending[1:], ascending[:-1], out=changes[1:])
    return np.flatnonzero(changes)
