"""The steps that one rank has told and that wait for the other ranks.

A step is known by a key that grows: its number, and before it how often the process began anew.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainmon.endings import ending
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.store.batch import HEADER, Floats, Rows
from trainmon.store.lane import Lane

_ATTEMPT = 2.0**40
"""Steps of an attempt at most; some thousand attempts have keys that are exact."""

_RECENT = 32
"""Steps whose distance is the usual one."""


def step_of(keys: Floats) -> Floats:
    """Return the numbers of steps."""
    return keys % _ATTEMPT


def attempt_of(keys: Floats) -> Floats:
    """Return how often the process had begun anew."""
    return np.floor_divide(keys, _ATTEMPT)


@dataclass(frozen=True, slots=True)
class _Picked:
    """The samples of a metric that tell the steps that wait."""

    keys: Floats
    places: NDArray[np.intp]
    """Where they stand among all of the metric."""


class RankSteps:
    """The rows of one rank's lane that were not gathered yet, by their steps."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.first = 0
        """The first row that waits."""
        self.keys: Floats = np.empty(0)
        """The key of each row that waits; a row that tells no step has that of the one before."""
        self.told: NDArray[np.bool_] = np.empty(0, np.bool_)
        """Which of them tell a step, and none that went by."""
        self.last = -np.inf
        """The last key."""
        self._attempt = -1
        self._picked: dict[tuple[int, float], _Picked] = {}
        """Of metrics that stand in the same rows, by these rows' identity and a key."""

    def scan(self) -> None:
        """Take in the rows that are new."""
        start, stop = self.first + len(self.keys), self.lane.n_rows
        self._picked.clear()
        if start == stop:
            return
        events = self.lane.events
        begin = bisect_left(events, start, key=lambda event: event.row)
        begins = np.zeros(stop - start, np.int64)
        for event in events[begin:]:
            begins[event.row - start] += event.kind == HEADER
        attempts = self._attempt + np.cumsum(begins)
        self._attempt = int(attempts[-1])
        own = self.lane.steps[start:stop] + _ATTEMPT * np.maximum(attempts, 0)
        own = np.where(np.isfinite(own), own, -np.inf)
        keys = np.maximum.accumulate(np.concatenate(([self.last], own)))[1:]
        self.keys = np.concatenate((self.keys, keys))
        self.told = np.concatenate((self.told, np.isfinite(own) & (own == keys)))
        self.last = float(keys[-1])

    @property
    def waiting(self) -> float:
        """The key of the first step that waits; infinite if none does."""
        return float(self.keys[np.argmax(self.told)]) if self.told.any() else np.inf

    @property
    def ended(self) -> bool:
        """Whether the process said that it ended."""
        return ending(self.lane) is not None

    @property
    def last_time(self) -> float:
        """The last time that was told, in Unix seconds; NaN if none was."""
        times = self.lane.times[-_RECENT:]
        told = finite(times)
        return float(told[-1]) if len(told) else np.nan

    @property
    def apart(self) -> float:
        """The usual number of steps from one that is told to the next."""
        steps = self.lane.steps[-_RECENT:]
        gaps = np.diff(np.unique(finite(steps)))
        return median_of(gaps) if len(gaps) else 1.0

    def key_at(self, row: int) -> float:
        """Return the key of a row that waits."""
        return float(self.keys[row - self.first])

    def samples(self, name: str, upto: float) -> tuple[Floats, Floats]:
        """Return the keys below `upto` of the samples of a metric that wait, and their values.

        Of several at one step the last one counts.
        """
        every = self.lane.samples(name)
        known = (id(every.rows), upto)  # metrics that come together have one array of rows
        picked = self._picked.get(known)
        if picked is None:
            picked = self._picked[known] = self._pick(every.rows, upto)
        return picked.keys, every.values[picked.places]

    def _pick(self, rows: Rows, upto: float) -> "_Picked":
        """Return which samples that stand in some rows tell a step below a key, and its key."""
        end = int(np.searchsorted(self.keys, upto))
        begin, stop = rows.searchsorted(np.array([self.first, self.first + end], np.int32)).tolist()
        places = rows[begin:stop] - self.first
        told = np.flatnonzero(self.told[places])
        keys = self.keys[places[told]]
        last = np.ones(len(keys), np.bool_)
        last[:-1] = keys[1:] != keys[:-1]
        return _Picked(keys[last], begin + told[last])

    def rows_of(self, keys: Floats) -> NDArray[np.int32]:
        """Return the last row at or before each of some keys; one before `first` if none waits."""
        found = np.searchsorted(self.keys, keys, side="right") - 1
        return (self.first + found).astype(np.int32)

    def drop(self, upto: float) -> None:
        """Drop the rows below a key: they were gathered."""
        end = int(np.searchsorted(self.keys, upto))
        self._picked.clear()
        self.keys, self.told, self.first = self.keys[end:], self.told[end:], self.first + end
