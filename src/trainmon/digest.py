"""One series in short: the median and the range of each 8 samples in a row since the baseline.

Of readings of the machine that are far apart a cell has fewer: it stands for a stretch of time all
the same.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trainmon.store.batch import Floats, Rows

CELL = 8
"""Samples of a cell: the fewest that have a spread, and few enough that short logs have cells."""

KEPT = 1_024
"""Cells kept of what came before a block: 8,192 samples."""


def _no_rows() -> Rows:
    return np.empty(0, np.int32)


def _no_values() -> Floats:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Digest:
    """The cells of one metric, oldest first; arrays of one length. Immutable."""

    rows: Rows = field(default_factory=_no_rows)
    """The row of each cell's last sample, where the cell is known."""
    first_rows: Rows = field(default_factory=_no_rows)
    """The row of its first sample."""
    median: Floats = field(default_factory=_no_values)
    """Over its finite samples; NaN where there are none, and so are `low` and `high`."""
    low: Floats = field(default_factory=_no_values)
    high: Floats = field(default_factory=_no_values)
    bad: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    """How many of its samples are not finite."""
    cell: int = CELL
    """Samples of each cell."""
    count: int = 0
    """Cells since the baseline; of those only the last are kept."""

    def __len__(self) -> int:
        return len(self.rows)

    def since(self, row: int) -> int:
        """Return the index of the first cell that is complete at `row` or later."""
        count = len(self.rows)
        if not count:
            return 0
        first = self.rows.item(0)
        if self.rows.item(-1) - first == self.cell * (count - 1):  # a sample in each row: no search
            return min(max(0, -((first - row) // self.cell)), count)
        return int(self.rows.searchsorted(np.int32(row)))

    def upto(self, row: int) -> "Digest":
        """Return the digest as it stood at a row."""
        end = self.since(row + 1)
        if end == len(self.rows):
            return self
        return Digest(
            self.rows[:end],
            self.first_rows[:end],
            self.median[:end],
            self.low[:end],
            self.high[:end],
            self.bad[:end],
            self.cell,
            self.count - len(self.rows) + end,
        )


NO_CELLS = Digest()
