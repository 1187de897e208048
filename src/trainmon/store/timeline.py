"""Where each row of a lane stands on one axis: its step, its epoch or its time."""

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from trainmon.store.batch import Floats, Rows

_ENDS = 256
"""Rows at either end that are looked at: a log tells in most of them where it stands, or never."""


class Timeline:
    """The place of every row; NaN where a row tells none. Immutable, so safe in any thread.

    It is indexed like an array, by a row, a slice or an array of rows. Of the rows before the first
    that are held in full only some are kept, and between those the places are interpolated.

    >>> kept, places = np.array([0, 10], np.int32), np.array([0.0, 5.0])
    >>> steps = Timeline(np.array([6.0, 7.0]), kept, places, first_full=12)
    >>> len(steps), steps[10], steps[2], steps[-1], steps[np.array([4, 13])].tolist()
    (14, 5.0, 1.0, 7.0, [2.0, 7.0])
    """

    __slots__ = ("_first_full", "_full", "_kept_places", "_kept_rows", "_told")

    def __init__(
        self, full: Floats, kept_rows: Rows, kept_places: Floats, first_full: int = 0
    ) -> None:
        self._full = full
        self._kept_rows = kept_rows
        self._kept_places = kept_places
        self._first_full = first_full
        self._told: bool | None = None

    def __len__(self) -> int:
        return self._first_full + len(self._full)

    @overload
    def __getitem__(self, key: int | np.integer[Any]) -> float: ...
    @overload
    def __getitem__(self, key: slice | NDArray[np.integer[Any]]) -> Floats: ...

    def __getitem__(
        self, key: int | np.integer[Any] | slice | NDArray[np.integer[Any]]
    ) -> float | Floats:
        if not self._first_full:
            return self._full[key]
        if isinstance(key, slice):
            start, stop, stride = key.indices(len(self))
            if start >= self._first_full and stride > 0:
                return self._full[start - self._first_full : stop - self._first_full : stride]
            return self._at(np.arange(start, stop, stride))
        if isinstance(key, np.ndarray):
            return self._at(key)
        row = int(key) + (len(self) if key < 0 else 0)
        if row >= self._first_full:
            return float(self._full[row - self._first_full])
        return float(self._at(np.array([row]))[0])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: ANN401, FBT001 - as numpy calls it
        del copy
        return np.asarray(self[:], dtype)

    def upto(self, stop: int) -> "Timeline":
        """Return the places of the rows before `stop`."""
        full = self._full[: max(0, stop - self._first_full)]
        if stop >= self._first_full:
            return Timeline(full, self._kept_rows, self._kept_places, self._first_full)
        kept = int(np.searchsorted(self._kept_rows, np.int32(stop)))
        return Timeline(full, self._kept_rows[:kept], self._kept_places[:kept], max(0, stop))

    def ends(self, count: int) -> Floats:
        """Return the places of the first and of the last `count` rows, where known."""
        first = self._kept_places[:count] if self._first_full else self._full[:count]
        return np.concatenate((first, self._full[-count:]))

    @property
    def is_told(self) -> bool:
        """Whether any of the first or of the last rows tells its place."""
        if self._told is None:
            self._told = bool(np.isfinite(self.ends(_ENDS)).any())
        return self._told

    def _at(self, rows: NDArray[np.integer[Any]]) -> Floats:
        older = rows < self._first_full
        places = np.empty(len(rows))
        places[~older] = self._full[rows[~older] - self._first_full]
        if older.any():
            places[older] = self._interpolated(rows[older].astype(np.int32))
        return places

    def _interpolated(self, rows: Rows) -> Floats:
        """Return the places of kept rows as they are, and of those between on straight lines."""
        told = ~np.isnan(self._kept_places)
        if not told.any():
            return np.full(len(rows), np.nan)
        places = np.interp(rows, self._kept_rows[told], self._kept_places[told])
        at = np.minimum(np.searchsorted(self._kept_rows, rows), len(self._kept_rows) - 1)
        return np.where(self._kept_rows[at] == rows, self._kept_places[at], places)
