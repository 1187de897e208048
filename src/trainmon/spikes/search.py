"""Finds the values of a time that are far above the usual, among any number of samples at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, inf, isnan

import numpy as np
from numpy.typing import NDArray

from trainmon.digest import CELL
from trainmon.rule import Block
from trainmon.spikes.pattern import Spike
from trainmon.spikes.usual import Duration, anchor, least_level, middle, rough, window
from trainmon.store.batch import Floats

_NEAR_LIMIT = 0.5
"""Of the limit by the rough level: below it no value is looked at closely. Both levels are medians
of the same samples and differ by some percent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far above the usual a spike is: above all of these."""

    times_median: float
    deviations: float
    """MAD above the median."""
    log_deviations: float
    """MAD of the logarithms above the median."""
    shortest: float
    """Seconds."""

    def at(self, window: Floats) -> float:
        """Return the value up to which there is no spike; `window` is what came before, ascending.

        >>> Limits(8.0, 12.0, 0.0, 0.01).at(np.linspace(0.09, 0.11, 9))
        0.8
        """
        median = middle(window)
        limits = [self.times_median * median, self.shortest]
        limits.append(median + self.deviations * middle(np.sort(np.abs(window - median))))
        if self.log_deviations and window[0] > 0:
            log_mad = middle(np.sort(np.abs(np.log(window / median))))
            limits.append(median * exp(self.log_deviations * log_mad))
        return max(limits)

    def near(self, median: float) -> float:
        """Return the value up to which no sample is looked at closely, by a rough median.

        >>> Limits(8.0, 12.0, 0.0, 0.01).near(0.1)
        0.4
        """
        by_times = _NEAR_LIMIT * self.times_median * median
        return inf if isnan(by_times) else max(self.shortest, by_times)


def is_quiet(block: Block, duration: Duration, limits: Limits) -> bool:
    """Return whether no sample of the block comes near to a spike, at a tenth of a search."""
    values = block.samples(duration.metric).values
    if not len(values):
        return True
    most = float(values.max())
    if most <= limits.shortest:
        return True
    digest = block.digest(duration.metric)
    cells_before = digest.count - len(digest) + digest.since(block.start)
    return most <= limits.near(least_level(block, duration, cells_before))


def spikes_in(block: Block, duration: Duration, limits: Limits, first: int) -> Iterator[Spike]:
    """Yield the samples of the block that are far above the usual, in order of rows.

    The block's first sample has the number `first` since the baseline.
    """
    samples = block.samples(duration.metric)
    over = np.flatnonzero(samples.values > limits.shortest)
    if not len(over):
        return
    known: dict[int, tuple[float, float]] = {}
    for place in _near(block, duration, limits, first, over).tolist():
        here = samples.rows[place : place + 1]
        (value,) = duration.at(block, here, samples.values[place : place + 1]).tolist()
        anchored = anchor((first + place) // CELL)
        if anchored not in known:
            before = window(block, duration, anchored)
            known[anchored] = (limits.at(before), middle(before)) if len(before) else (inf, 0.0)
        limit, median = known[anchored]
        if value > limit:
            yield Spike(int(here[0]), first + place, value, median)


def _near(
    block: Block, duration: Duration, limits: Limits, first: int, over: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return which of some samples of the block are to be looked at closely."""
    values = block.samples(duration.metric).values[over]
    owners = (first + over) // CELL
    cells = np.arange(owners[0], owners[-1] + 1)
    usual = rough(block, duration, cells)[owners - owners[0]]
    near = (values > _NEAR_LIMIT * limits.times_median * usual) & np.isfinite(values)
    return np.asarray(over[near])
