"""Ranges and the way from values to positions: linear or logarithmic, always round at the ends.

A chart that follows a run must not move with every record. `snapped` widens a range to round
numbers, so that most records change a few cells at the end of a line and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, frexp, inf, log10, nan
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
Range: TypeAlias = tuple[float, float]

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
"""The round numbers of a decade, as multiples of its power of ten."""

_GRAINS: Final = 12
"""Round steps that a range is divided into for snapping: at most a twelfth at each end is empty."""

_NARROWEST: Final = 1e-5
"""Span of a range relative to its values: labels would need more digits than float32 has."""

_CLOSEST: Final = 1e-12
"""Span relative to its values below which a range that was asked for has no values to show."""

_SMALLEST, _LARGEST = 1e-300, 8e307
"""Bounds of spans and ends: what is beyond would under- or overflow while being drawn."""

_LOG_SNAPS: Final = (1.0, 2.0, 5.0, 10.0)

_ROBUST_PERCENTILES: Final = (2.0, 98.0)
"""A spike, or the first fall of a loss, is a smaller part of a run than two percent."""

_ROBUST_MARGIN: Final = 0.1
"""Share of the robust span that is added at both ends, where the typical values go on."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values and how it is spread along an axis."""

    low: float
    high: float
    log: bool = False

    def fraction(self, values: Values) -> Values:
        """Return where values lie: 0 at the low end, 1 at the high end."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.log:
                low, high = log10(self.low), log10(self.high)
                return (np.log10(values) - low) / (high - low)
            # Halves, since the difference of two large numbers may overflow.
            return (values / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    def position(self, value: float) -> float:
        """Return where one value lies, for a tenth of what `fraction` of an array costs."""
        low, high = self.low / 2, self.high / 2
        at = value / 2
        if self.log:
            low, high, at = _log10(self.low), _log10(self.high), _log10(value)
        wide = high - low
        return (at - low) / wide if wide else nan

    def value(self, fraction: float) -> float:
        """Return the value at a fraction of the axis: the inverse of `position`."""
        if self.log:
            low, high = log10(self.low), log10(self.high)
            return float(10.0 ** (low + (high - low) * fraction))
        return self.low * (1 - fraction) + self.high * fraction


def _log10(value: float) -> float:
    """Return the logarithm of a number, as numpy does of those that have none."""
    return log10(value) if value > 0 else (nan if value else -inf)


def round_step(size: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 x 10^k that is not below `size`.

    >>> [round_step(s) for s in (0.03, 1.0, 2.1, 7.0)]
    [0.05, 1.0, 2.5, 10.0]
    """
    exponent = floor(log10(size))
    for candidate in (exponent, exponent + 1):
        for step in _STEPS:
            rounded = float(f"{step}e{candidate}")
            if rounded >= size:
                return rounded
    return inf


def is_drawable(low: float, high: float) -> bool:
    """Return whether a range has ends that can be drawn and values between them.

    >>> is_drawable(0, 1), is_drawable(1, 1), is_drawable(2, 1), is_drawable(0, float("inf"))
    (True, False, False, False)
    """
    if not (-_LARGEST <= low < high <= _LARGEST):
        return False
    return high / 2 - low / 2 > max(_CLOSEST * max(abs(low), abs(high)), _SMALLEST)


def snapped(low: float, high: float, *, log: bool = False) -> Range:
    """Return a range around `low` and `high` that ends on round numbers and has a width.

    >>> snapped(0.412, 1.93)
    (0.4, 2.0)
    >>> snapped(0.003, 7, log=True)
    (0.002, 10.0)
    >>> snapped(0.5, 0.5)
    (0.375, 0.625)
    """
    low, high = (min(max(end, -_LARGEST), _LARGEST) for end in (low, high))
    if log:
        return _snapped_log(max(low, _SMALLEST), max(high, _SMALLEST))
    if low == high:
        low, high = _around(low)
    narrowest = max(_NARROWEST * max(abs(low), abs(high)), _SMALLEST)
    if high / 2 - low / 2 < narrowest / 2:
        middle = low / 2 + high / 2
        low, high = middle - narrowest / 2, middle + narrowest / 2
    grain = round_step((high / 2 - low / 2) / (_GRAINS / 2))
    # A value may be so much smaller than the grain that their quotient vanishes: it stays inside.
    snapped_low = min(_multiple(floor(low / grain), grain), low)
    return snapped_low, max(_multiple(ceil(high / grain), grain), high)


_NEWEST_REACH: Final = 10.0
"""Times the height of typical values: how far off the newest one may be and still be in sight."""


def robust(values: Values, newest: float) -> Range:
    """Return the range of typical values, outliers and early falls aside.

    `newest` is in as long as it is not so far off that it would flatten all the rest, as the
    last values before an explosion ends in NaN are. Only finite values count; there must be one.
    """
    # A quarter of the largest, so that neither the percentiles nor the margin overflow.
    bounded = values.clip(-_LARGEST / 4, _LARGEST / 4)
    low, high = _percentiles(np.sort(bounded), _ROBUST_PERCENTILES)
    margin = _ROBUST_MARGIN * (high - low)
    typical = bounded[(bounded >= low - margin) & (bounded <= high + margin)]
    bottom, top = float(typical.min()), float(typical.max())
    reach = _NEWEST_REACH * (top - bottom or max(abs(top), abs(newest)))
    if bottom - reach <= newest <= top + reach:
        return min(bottom, newest), max(top, newest)
    return bottom, top


def _percentiles(ordered: Values, percentiles: Sequence[float]) -> list[float]:
    """Return percentiles as numpy does, which takes ten times as long for a few hundred values."""
    found = []
    for percentile in percentiles:
        place = percentile / 100 * (len(ordered) - 1)
        below = int(place)
        low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
        found.append(low + (high - low) * (place - below))
    return found


def _around(value: float) -> Range:
    """Return a range with `value` in the middle; with zero at its foot, as most counts have."""
    if value == 0:
        return 0.0, 1.0
    # A power of two, so that a constant that drifts a little does not move its axis.
    margin = 2.0 ** (frexp(value)[1] - 3)
    return value - margin, value + margin


def _multiple(times: int, step: float) -> float:
    """Return ``times * step`` without the dust of binary fractions (0.30000000000000004)."""
    return float(f"{times * step:.12g}")


def _snapped_log(low: float, high: float) -> Range:
    if low == high:
        low, high = low / 2, min(high * 2, _LARGEST)
    if high / low < _LOG_SNAPS[1]:
        narrow_low, narrow_high = snapped(low, high)
        if narrow_low > 0:
            return narrow_low, narrow_high
    return _log_grain(low, up=False), _log_grain(high, up=True)


def _log_grain(value: float, *, up: bool) -> float:
    """Return the next of 1, 2, 5 x 10^k above or below a positive value."""
    exponent = floor(log10(value))
    grains = [float(f"{s}e{k}") for k in (exponent - 1, exponent, exponent + 1) for s in _LOG_SNAPS]
    if up:
        return min(grain for grain in grains if grain >= value)
    return max(grain for grain in grains if 0 < grain <= value)
