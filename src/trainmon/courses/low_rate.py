"""How much of a run was spent at a learning rate that is all but nothing beside its peak."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainmon.store.batch import Floats, Samples
from trainmon.store.timeline import Timeline

Flags = NDArray[np.bool_]


class LowRate(NamedTuple):
    """What the rates since the peak have been."""

    peak: float = 0.0
    samples: int = 0
    """Rates since the peak."""
    low: int = 0
    """Those of them that were low."""
    onset: int = -1
    """The row of the first low one."""
    before: float = 0.0
    """The rate just before the peak; that of a warm-up is near it."""
    last: float = 0.0
    """The last rate of all."""


@dataclass(frozen=True, slots=True)
class TooLow:
    """What is too much of a run at too low a rate."""

    below: float
    """Of the peak: at or under it a rate is low."""
    share: float
    """Of the rates since the peak."""
    fewest: int
    """Rates since the peak."""
    steps: float
    """Steps since the first low one; rows where steps are not told."""

    def bursts(self, state: LowRate, rates: Floats) -> Flags:
        """Return at which rates one that jumped up is back where it was: no schedule did that.

        >>> TooLow(0.01, 0.6, 8, 100.0).bursts(LowRate(0.6, before=2e-3), np.array([2e-3, 1e-5]))
        array([ True, False])
        """
        leapt = 0 < state.before <= self.below * state.peak
        return leapt & (state.before <= _ALIKE * rates) & (rates <= _ALIKE * state.before)


_ALIKE = 2.0
"""Times: a rate that is back is as high as it was, but for what its schedule did meanwhile."""


def spent(
    state: LowRate, rates: Samples, steps: Timeline, limits: TooLow
) -> tuple[LowRate, tuple[int, LowRate] | None]:
    """Return the state after some rates, and the first row with too many low ones with its state.

    Counts are whole numbers, so that they are the same however the log was cut into reads.
    """
    found = None
    least, most = np.minimum.reduce(rates.values), np.maximum.reduce(rates.values)
    if least > limits.below * state.peak and most <= state.peak:
        last = rates.values.item(-1)
        return state._replace(samples=state.samples + len(rates), last=last), None
    before = np.maximum.accumulate(np.concatenate(([state.peak], np.nan_to_num(rates.values))))
    peaks = np.flatnonzero(rates.values > before[:-1]).tolist()
    stretches = list(zip((0, *peaks), (*peaks, len(rates)), strict=True))
    # In a warm-up each rate is a new peak: a stretch too short to tell anything needs no look.
    long = [each for each in stretches[1:-1] if each[1] - each[0] >= limits.fewest]
    for start, stop in (stretches[0], *long, *stretches[1:][-1:]):
        values, rows = rates.values[start:stop], rates.rows[start:stop]
        if not len(values):
            continue
        if values[0] > state.peak:
            earlier = rates.values.item(start - 1) if start else state.last
            state = LowRate(float(values[0]), before=earlier)
        low = values <= limits.below * state.peak
        if not low.any() or state.peak <= 0:
            samples = state.samples + len(values)
            state = state._replace(samples=samples, last=values.item(-1))
            continue
        lows = state.low + np.cumsum(low)
        counts = state.samples + np.arange(1, len(values) + 1)
        onset = state.onset if state.onset >= 0 else int(rows[np.flatnonzero(low)[0]])
        lasted = steps[rows] - steps[onset]
        lasted = np.where(np.isfinite(lasted), lasted, rows - onset)
        many = (lows >= limits.share * counts) & (counts >= limits.fewest)
        many &= ~limits.bursts(state, values)
        at = np.flatnonzero(many & (lasted >= limits.steps))
        last = values.item(-1)
        state = LowRate(state.peak, int(counts[-1]), int(lows[-1]), onset, state.before, last)
        if len(at) and found is None:
            found = int(rows[at[0]]), state
    return state, found
