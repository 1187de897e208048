"""Where epochs begin among the cells of a digest, by the epochs that a log tells."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainmon.digest import Digest
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows


@dataclass(frozen=True, slots=True)
class Border:
    """The cell in which an epoch begins."""

    after: int
    """The row of the last sample of the cell before."""
    row: int
    """The row of its own last sample."""
    number: float
    """The number of the epoch."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The borders that were known before, and new ones, of which a long log has thousands."""

    before: tuple[Border, ...]
    after: Rows
    rows: Rows
    numbers: Floats

    def __len__(self) -> int:
        return len(self.before) + self.new

    @property
    def new(self) -> int:
        """How many of them are new."""
        return len(self.rows)

    def __getitem__(self, index: int) -> Border:
        if index < len(self.before):
            return self.before[index]
        index -= len(self.before)
        return Border(int(self.after[index]), int(self.rows[index]), float(self.numbers[index]))


@dataclass(frozen=True, slots=True)
class EpochBorders:
    """Follows the cells of one metric since the baseline. Immutable."""

    baseline_row: int = 0
    upto: int = 0
    """The first row that has not been looked at."""
    epoch: float = np.nan
    """The number of the epoch that goes on."""
    whole_begins: bool = True
    """Whether a whole number stands where an epoch begins, and not with the step that ends one."""
    begun: int = 0
    """Epochs that have begun."""
    last: tuple[Border, ...] = ()
    """Where the last of them began."""

    def goes_on(self, cells: Digest, block: Block) -> bool:
        """Return whether the new cells of a block are all of the epoch that goes on."""
        rows = cells.rows[cells.since(block.start) :]
        return bool((self._numbers(block.lane.epochs[rows]) == self.epoch).all())

    def followed(self, cells: Digest, block: Block, keep: int) -> "tuple[EpochBorders, Begun]":
        """Return the state after some cells, which keeps some borders, and all there are by now."""
        new = cells.since(self.upto)
        state = self
        if not self.begun:
            first = block.epochs[int(cells.first_rows[0])]
            state = replace(self, whole_begins=not abs(first - np.round(first)) > 0)
        rows = cells.rows[new:]
        numbers = state._numbers(block.epochs[rows])  # noqa: SLF001 - of the same class
        told = np.isfinite(numbers)
        numbers, rows_told = numbers[told], rows[told]
        before = np.concatenate(([self.epoch], numbers))[:-1]
        last = cells.rows[new - 1] if new else self.baseline_row - 1
        after = np.concatenate(([last], rows))[:-1][told]
        starts = np.flatnonzero(~(numbers <= before))
        borders = Begun(self.last, after[starts], rows_told[starts], numbers[starts])
        kept = range(max(0, len(borders) - keep), len(borders))
        state = replace(
            state,
            upto=int(rows[-1]) + 1 if len(rows) else self.upto,
            epoch=float(numbers[-1]) if len(numbers) else self.epoch,
            begun=self.begun + borders.new,
            last=tuple(borders[index] for index in kept),
        )
        return state, borders

    def first_row(self, border: Border, metric: str | None, block: Block) -> int:
        """Return the row of the first sample of an epoch."""
        every = block.lane.samples(metric)
        first, last = every.positions(border.after + 1, border.row + 1)
        rows = every.rows[first:last]
        return int(rows[np.argmax(self._numbers(block.epochs[rows]) >= border.number)])

    def _numbers(self, epochs: Any) -> Any:  # noqa: ANN401 - one place or an array of them
        """Return the numbers of the epochs that these places are in."""
        return np.floor(epochs) if self.whole_begins else np.ceil(epochs) - 1
