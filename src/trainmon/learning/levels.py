"""The level of a noisy loss, how surely it is known, and whether it has fallen."""

from dataclasses import dataclass
from math import hypot

import numpy as np

from trainmon.courses.windows import MAD_TO_SIGMA
from trainmon.medians import median_of, medians_of
from trainmon.store.batch import Floats

_MEDIAN = 1.2533
"""Standard error of a median of normal noise, in units of that of a mean."""

_PARTS = 8
"""Parts of a window whose medians tell the error of values that hang together, as averages do."""

SURE = 3.0
"""Standard errors that are no accident."""


@dataclass(frozen=True, slots=True)
class Level:
    """The median of some samples."""

    value: float
    error: float
    """Its standard error."""

    def below(self, other: "Level") -> float:
        """Return by how many standard errors this level lies below another one."""
        error = hypot(self.error, other.error)
        gap = other.value - self.value
        return gap / error if error > 0 else float(np.sign(gap)) * np.inf if gap else 0.0


def level(values: Floats, spread: float | None = None) -> Level:
    """Return the level of finite samples; `spread` is that of one of them, if it is known better.

    >>> noise = np.random.default_rng(0).normal(5, 1, 400)
    >>> found = level(noise)
    >>> round(found.value), 0.03 < found.error < 0.12
    (5, True)
    """
    count = len(values)
    if not count:
        return Level(float("nan"), float("inf"))
    deviation = deviation_of(values) if spread is None else spread
    error = _MEDIAN * deviation / count**0.5
    if count >= _PARTS * _PARTS:
        parts = values[: count - count % _PARTS].reshape(_PARTS, -1)
        error = max(error, float(medians_of(parts).std()) / _PARTS**0.5)
    return Level(median_of(values), error)


def deviation_of(values: Floats) -> float:
    """Return the standard deviation of one sample, from differences, which a trend leaves alone."""
    if len(values) < 2:  # noqa: PLR2004 - one value has no spread
        return float("inf")
    return median_of(np.abs(np.diff(values))) * MAD_TO_SIGMA / 2**0.5
