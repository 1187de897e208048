"""Exact bounds of a share that was counted: how far the true one may lie from it by luck."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log

CONFIDENCE = 0.95
"""How often a bound holds, on its one side."""

_HALVINGS = 60
"""Each halves the interval that holds the bound: beyond 53 no float lies between."""


def upper_bound(count: int, total: int, confidence: float = CONFIDENCE) -> float:
    """Return the largest share that is still plausible where `count` of `total` were seen.

    One-sided, after C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
    illustrated in the case of the binomial", Biometrika 26 (1934), 404-413: the share at which so
    few would be seen with a chance of only 1 - `confidence`. 1 if nothing was counted.

    >>> round(upper_bound(0, 150), 4)
    0.0198
    """
    if count >= total:
        return 1.0
    return _root(lambda share: _at_most(count, total, share) > 1 - confidence)


def lower_bound(count: int, total: int, confidence: float = CONFIDENCE) -> float:
    """Return the smallest share that is still plausible where `count` of `total` were seen.

    >>> round(lower_bound(150, 150), 4)
    0.9802
    """
    return 1 - upper_bound(total - count, total, confidence) if total else 0.0


def _root(too_small: Callable[[float], bool]) -> float:
    """Return where in (0, 1) a share stops being too small."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if too_small(middle) else (low, middle)
    return (low + high) / 2


def _at_most(count: int, total: int, share: float) -> float:
    """Return the chance of at most `count` of `total` if each has the chance `share`."""
    ways = lgamma(total + 1)
    return sum(
        exp(
            ways
            - lgamma(hits + 1)
            - lgamma(total - hits + 1)
            + hits * log(share)
            + (total - hits) * log(1 - share)
        )
        for hits in range(count + 1)
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.count / self.total if self.total else 0.0

    @property
    def at_least(self) -> float:
        """The bound below."""
        return lower_bound(self.count, self.total)

    @property
    def at_most(self) -> float:
        """The bound above."""
        return upper_bound(self.count, self.total)

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.count} of {self.total})" if self.total else "none"
