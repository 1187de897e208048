"""Which samples of a loss jump beyond its usual spread: by its baseline, and by its logarithms."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from trainmon.courses.windows import MAD_TO_SIGMA, Baselines, Trail
from trainmon.store.batch import Floats


@dataclass(frozen=True, slots=True)
class Jumps:
    """What counts as a jump."""

    deviations: float
    """Robust standard deviations above the median."""
    relative: float
    """Of the median, at least."""
    log_deviations: float
    """The deviations on logarithms, where heavy tails are near normal."""
    floor: float
    """Of the median: the least spread assumed."""
    fewest: int
    """Samples of a baseline."""

    def is_ordinary(self, trail: Trail, value: float) -> bool:
        """Return whether the next sample lies near the median, or below it."""
        return not (value > trail.median and value > trail.median + self._excess(trail))

    def after(self, trail: Trail, values: list[float]) -> Trail | None:
        """Return the trail after some ordinary samples; None if one of them is none."""
        if not isfinite(sum(values)):
            return None
        while values:
            trail, count = trail.with_some(values)
            if not self.is_ordinary(trail, max(values[:count])):
                return None
            del values[:count]
        return trail

    def sigma(self, base: Baselines) -> Floats:
        """Return the usual spread at each sample, as a standard deviation."""
        return np.maximum(base.mad * MAD_TO_SIGMA, self.floor * np.abs(base.median))

    def candidates(
        self, values: Floats, base: Baselines, sigma: Floats, seen: int
    ) -> NDArray[np.intp]:
        """Return the places of the samples that jump, `seen` samples being before the first."""
        excess = np.maximum(self.deviations * sigma, self.relative * np.abs(base.median))
        found = np.flatnonzero((values > base.median + excess) & (sigma > 0))
        found = found[seen + found >= self.fewest]
        if len(found):
            factor = np.exp(self.log_deviations * MAD_TO_SIGMA * base.log_mad(found))
            found = found[values[found] > base.median[found] * factor]
        return found

    def _excess(self, trail: Trail) -> float:
        """Return how far above the median the next sample may lie."""
        median = abs(trail.median)
        sigma = max(trail.mad * MAD_TO_SIGMA, self.floor * median)
        return max(self.deviations * sigma, self.relative * median)
