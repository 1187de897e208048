"""Where the rows of a lane stand, while it grows: steps, epochs and times."""

from collections.abc import Iterable

import numpy as np

from trainmon.store.batch import Batch, Rows
from trainmon.store.column import Column
from trainmon.store.thinning import ascending
from trainmon.store.timeline import Timeline


class Places:
    """The places of all rows of a lane on three axes. Owned by the monitor thread."""

    def __init__(self) -> None:
        self._full = tuple(Column(np.float64) for _ in range(3))
        self._kept_rows = np.empty(0, np.int32)
        self._kept = tuple(np.empty(0, np.float64) for _ in range(3))
        self.first_full = 0
        """The first row from which on all are held; of those before, some."""

    @property
    def n_rows(self) -> int:
        """The number of rows, whether they are held or not."""
        return self.first_full + len(self._full[0])

    @property
    def size(self) -> int:
        """Numbers that are held."""
        return 3 * (len(self._kept_rows) + len(self._full[0]))

    @property
    def steps(self) -> Timeline:
        """The step of each row."""
        return self._timeline(0)

    @property
    def epochs(self) -> Timeline:
        """The epoch of each row."""
        return self._timeline(1)

    @property
    def times(self) -> Timeline:
        """The time of each row in Unix seconds."""
        return self._timeline(2)

    def append(self, batch: Batch) -> None:
        """Append the places of further rows."""
        for column, places in zip(
            self._full, (batch.steps, batch.epochs, batch.times), strict=True
        ):
            column.extend(places)

    def thin(self, before: int, rows: Iterable[Rows]) -> None:
        """Keep of the rows before one only these, which are looked up most."""
        kept = ascending((np.array([0, before - 1], np.int32), *rows))
        kept = kept[(kept >= 0) & (kept < before)]
        self._kept = tuple(self._timeline(axis)[kept] for axis in range(3))
        for column in self._full:
            column.replace(before - self.first_full, np.empty(0))
        self._kept_rows, self.first_full = kept, before

    def _timeline(self, axis: int) -> Timeline:
        return Timeline(self._full[axis].view(), self._kept_rows, self._kept[axis], self.first_full)
