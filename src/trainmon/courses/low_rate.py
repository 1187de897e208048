"""How much of a run was spent at a learning rate that is all but nothing beside its peak."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trainmon.store.batch import Samples
from trainmon.store.timeline import Timeline


class LowRate(NamedTuple):
    """What the rates since the peak have been."""

    peak: float = 0.0
    samples: int = 0
    """Rates since the peak."""
    low: int = 0
    """Those of them that were low."""
    onset: int = -1
    """The row of the first low one."""


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


def spent(
    state: LowRate, rates: Samples, steps: Timeline, limits: TooLow
) -> tuple[LowRate, tuple[int, LowRate] | None]:
    """Return the state after some rates, and the first row with too many low ones with its state.

    Counts are whole numbers, so that they are the same however the log was cut into reads.
    """
    found = None
    least, most = np.minimum.reduce(rates.values), np.maximum.reduce(rates.values)
    if least > limits.below * state.peak and most <= state.peak:
        return state._replace(samples=state.samples + len(rates)), None
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
            state = LowRate(float(values[0]))
        low = values <= limits.below * state.peak
        if not low.any() or state.peak <= 0:
            state = state._replace(samples=state.samples + len(values))
            continue
        lows = state.low + np.cumsum(low)
        counts = state.samples + np.arange(1, len(values) + 1)
        onset = state.onset if state.onset >= 0 else int(rows[np.flatnonzero(low)[0]])
        lasted = steps[rows] - steps[onset]
        lasted = np.where(np.isfinite(lasted), lasted, rows - onset)
        many = (lows >= limits.share * counts) & (counts >= limits.fewest)
        at = np.flatnonzero(many & (lasted >= limits.steps))
        state = LowRate(state.peak, int(counts[-1]), int(lows[-1]), onset)
        if len(at) and found is None:
            found = int(rows[at[0]]), state
    return state, found
