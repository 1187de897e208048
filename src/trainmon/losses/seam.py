"""The losses before a place where a run goes on, and how those behind it compare with them."""

from dataclasses import dataclass
from math import nan

import numpy as np

from trainmon.courses.cells import noise
from trainmon.medians import median_of
from trainmon.store.batch import Floats

_LAST = 8
"""Losses that tell where it was: a falling loss has left behind what came before them."""

_FIRST = 3
"""Losses that tell where it goes on: one or two may be hard batches."""

_FAR = 5.0
"""Standard deviations of one loss, also of its logarithm: 8 of the difference of two medians of 8.
"""

_ABOVE = 2.0
"""Standard deviations of one loss above where it was: not back yet."""

_MOST = 0.75
"""Of the losses behind: where so many are above, it is no matter of single batches."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the loss was where a run goes on; NaN where too little is known."""

    median: float = nan
    """Over some dozens."""
    mad: float = nan
    """Their usual distance from it, or what the loss fell by within them."""
    level: float = nan
    """The median of the last ones."""
    spread: float = nan
    """Standard deviation of one loss around its course."""
    log_spread: float = nan
    """The same of logarithms; 0 where there are none."""
    highest: float = nan
    """The highest of the later half."""

    def is_far_below(self, losses: Floats, least: float) -> bool:
        """Return whether some losses are beyond those before by far, the first beyond all of them.

        `least` is what they are higher by at least, as a share.
        """
        limit = self.level + max(_FAR * self.spread, least * abs(self.level))
        if self.log_spread and self.level > 0:
            limit = max(limit, self.level * float(np.exp(min(_FAR * self.log_spread, _ENOUGH))))
        higher = median_of(losses[:_FIRST]) > self.highest
        return higher and median_of(losses) > limit and self.is_below(losses)

    def is_below(self, losses: Floats) -> bool:
        """Return whether some losses are not back, but for a few."""
        above = losses > self.level + _ABOVE * self.spread
        return bool(np.count_nonzero(above) >= _MOST * len(losses))


_ENOUGH = 50.0
"""An exponent beyond which nothing is larger."""


def before(losses: Floats) -> Before:
    """Return what some finite losses in a row tell of where a run was.

    >>> told = before(np.random.default_rng(0).normal(1.0, 0.1, 50))
    >>> round(told.level, 1), told.is_far_below(np.full(8, 3.0), 0.1)
    (1.1, True)
    """
    half = len(losses) // 2
    median = median_of(losses)
    mad = median_of(np.abs(losses - median))
    drift = median_of(losses[:half]) - median_of(losses[half:])
    return Before(
        median=median,
        mad=max(mad, abs(drift)),
        level=median_of(losses[-_LAST:]),
        spread=noise(losses),
        log_spread=noise(np.log(losses)) if losses.min() > 0 else 0.0,
        highest=float(losses[-max(half, _LAST) :].max()),
    )
