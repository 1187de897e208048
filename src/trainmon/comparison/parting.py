"""Where two curves part for good, beyond the noise of both."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trainmon.comparison.alignment import Aligned
from trainmon.courses.windows import MAD_TO_SIGMA
from trainmon.medians import median_of
from trainmon.store.batch import Floats

_NOISES = 3.0
"""Times the noise of both: what differs by less may be chance."""

_LEAST = 0.02
"""Relative difference below which two runs are alike: another seed makes as much."""

_LEAST_OF_FEW = 0.1
"""The same for curves of so few values that their noise cannot be told from their bends."""

_FEW = 8
"""Places from which on noise can be told."""

_LASTING = 0.1
"""Share of the common way for which they must be apart at least, up to its end."""

_FEWEST = 2
"""Places at which they must be apart at least: one may be a bad draw."""

_IN_A_ROW = 3
"""Places in a row with which a parting begins, where there are more than a few."""

_EXCUSED = 0.1
"""Share of the places after the parting at which they may come near each other again."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two curves part, and which of them is above the other from there on."""

    index: int
    """Which of the common places is the first after which they stay apart."""
    above: bool
    """Whether the first of the two is the greater one from there on."""


def parting(both: Aligned) -> Parting | None:
    """Return where two curves part for good; None if they do not, or too late to say.

    A value that is not finite is apart from any that is, and counts as below it.
    """
    gap = _gap(both)
    count = len(gap)
    lasting = max(_FEWEST, int(np.ceil(_LASTING * count)))
    if count < lasting:
        return None
    tolerance = _tolerance(both)
    above = bool(median_of(gap[-lasting:]) > 0)
    signed = gap if above else -gap
    apart = signed > tolerance
    against = np.flatnonzero(signed < -tolerance)
    begin = int(against[-1]) + 1 if len(against) else 0
    shares = np.cumsum(apart[::-1])[::-1] / np.arange(count, 0, -1)
    in_a_row = _FEWEST if count < _FEW else _IN_A_ROW
    begins = sliding_window_view(np.append(apart, [True] * (in_a_row - 1)), in_a_row).all(axis=1)
    stays = begins & (shares >= 1 - _EXCUSED)
    # Near the end a single place near the other would be a large share: there all must be apart.
    candidates = np.flatnonzero(stays[begin : count - lasting + 1]) + begin
    return Parting(int(candidates[0]), above) if len(candidates) else None


def _gap(both: Aligned) -> Floats:
    finite, others = np.isfinite(both.values), np.isfinite(both.others)
    gap: Floats = np.where(finite & others, both.values - both.others, 0.0)
    gap[finite & ~others] = np.inf
    gap[~finite & others] = -np.inf
    return gap


def _tolerance(both: Aligned) -> Floats:
    """Return by how much the curves may differ at each place and still be alike."""
    size = np.fmax(np.abs(both.values), np.abs(both.others))
    size[~np.isfinite(size)] = 0.0
    if len(size) < _FEW:
        return _LEAST_OF_FEW * size
    noise = np.hypot(_noise(both.places, both.values), _noise(both.places, both.others))
    return np.asarray(np.maximum(_LEAST * size, _NOISES * noise))


def _noise(places: Floats, values: Floats) -> float:
    """Return the standard deviation of a value about a line through its neighbours."""
    told = np.isfinite(values)
    places, values = places[told], values[told]
    if len(values) < _FEW:
        return 0.0
    weight = (places[2:] - places[1:-1]) / (places[2:] - places[:-2])
    line = weight * values[:-2] + (1 - weight) * values[2:]
    # What is left of independent noise has 1 + w^2 + (1 - w)^2 times its variance.
    spread = np.abs(values[1:-1] - line) / np.sqrt(1 + weight**2 + (1 - weight) ** 2)
    return median_of(spread) * MAD_TO_SIGMA
