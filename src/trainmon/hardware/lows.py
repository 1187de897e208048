"""The floor of a series over a whole run: the lowest values of up to 64 stretches of equal length.

Garbage that is collected now and then, and peaks, leave no trace in it. When there are too many
stretches, two become one, so that a run of any length is held in the same room and at any cut in
the same stretches.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import inf, isfinite
from typing import NamedTuple

import numpy as np

from trainmon.medians import median_of
from trainmon.store.batch import Floats, Rows

PART = 4
"""Samples of the shortest stretch: half a cell of the digests, which has fewer samples where those
are far apart."""

_MOST = 64
"""Stretches that are held: sixteen for each quarter of the run."""

FEWEST = 6
"""Stretches from which a trend may be read: three of each half and one between any two."""

_FEWEST_SAMPLES = 12
"""Samples from which a trend may be read, however far they are apart."""


class Lows(NamedTuple):
    """The stretches so far, oldest first, and the one that is not complete."""

    values: tuple[float, ...] = ()
    rows: tuple[int, ...] = ()
    """The row with which each stretch ends."""
    parts: int = 1
    """Shortest stretches that one is made of."""
    low: float = inf
    """Of the parts that are complete of the last one."""
    held: int = 0
    """How many these are."""
    part: int = PART
    """Samples of the shortest stretch."""

    @property
    def samples(self) -> int:
        """How many samples the whole stretches hold."""
        return len(self.values) * self.parts * self.part

    @property
    def tells(self) -> bool:
        """Whether a trend may be read: of single samples, which are no floor, from more."""
        return len(self.values) >= max(FEWEST, _FEWEST_SAMPLES // self.part)

    def extended(self, rows: Rows, values: Floats) -> Iterator["Lows"]:
        """Yield what is held after each further stretch, and at the end.

        There are whole parts of samples, of which those that are not finite count for nothing.

        >>> rows = np.arange(16, dtype=np.int32)
        >>> [lows.values for lows in Lows().extended(rows, rows % 8 + 1.0)][-1]
        (1.0, 5.0, 1.0, 5.0)
        """
        if not isfinite(np.add.reduce(values)):
            values = np.where(np.isfinite(values), values, inf)
        each = np.minimum.reduce(values.reshape(-1, self.part), axis=1).tolist()
        ends = rows[self.part - 1 :: self.part]
        state, at = self, 0
        while at < len(each):
            taken = min(state.parts - state.held, len(each) - at)
            low = min(state.low, *each[at : at + taken])
            at += taken
            if state.held + taken < state.parts:
                state = state._replace(low=low, held=state.held + taken)
            else:
                state = _with(state, low, ends.item(at - 1))
                yield state
        if state.held:
            yield state


def _with(lows: Lows, low: float, row: int) -> Lows:
    """Return it with one more stretch."""
    values, rows = (*lows.values, low), (*lows.rows, row)
    if len(values) < _MOST:
        return Lows(values, rows, lows.parts, part=lows.part)
    pairs = zip(values[::2], values[1::2], strict=True)
    return Lows(tuple(map(min, pairs)), rows[1::2], 2 * lows.parts, part=lows.part)


NO_LOWS = Lows()


def quarter_slopes(values: Floats) -> tuple[float, ...]:
    """Return the Theil-Sen slope of each quarter, in units per stretch; quarters share borders.

    The median of the slopes of all pairs: H. Theil (1950), P. K. Sen (JASA 63, 1968).

    >>> quarter_slopes(np.arange(8.0))
    (1.0, 1.0, 1.0, 1.0)
    """
    borders = np.linspace(0, len(values) - 1, 5).round().astype(int).tolist()
    return tuple(_theil_sen(values[first : last + 1]) for first, last in pairwise(borders))


def _theil_sen(values: Floats) -> float:
    first, second = np.triu_indices(len(values), 1)
    return median_of((values[second] - values[first]) / (second - first))
