"""Whether a series is an average of what was measured already: its spread tells nothing then."""

import numpy as np

from trainmon.medians import median_of
from trainmon.store.batch import Floats

_TAILS = 4.0
"""MAD of the differences beyond which a value counts as one at that border."""

_ALTERNATING = -0.2
"""Lag-1 autocorrelation of differences: averages by 0.6 have this, raw losses have -0.5."""


def is_smoothed(values: Floats) -> bool:
    """Return whether a series was averaged before it was logged; `values` are finite.

    Differences of independent noise alternate: their lag-1 autocorrelation is -1/2. Those of an
    exponential average by b have -(1 - b)/2, and those of a course without noise have 1. Long tails
    are cut off, since one outlier decides it otherwise.

    >>> noise = np.random.default_rng(0).normal(0, 1, 100)
    >>> is_smoothed(noise), is_smoothed(np.cumsum(noise))
    (False, True)
    """
    steps = np.diff(values)
    steps = steps - median_of(steps)
    spread = median_of(np.abs(steps))
    if spread == 0:
        return False  # it stands still, which is another thing
    steps = np.clip(steps, -_TAILS * spread, _TAILS * spread)
    power = float(steps @ steps)
    return float(steps[1:] @ steps[:-1]) > _ALTERNATING * power
