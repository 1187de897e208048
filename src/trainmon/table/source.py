"""What the sources of delimited tables have in common: columns to records at their positions."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainmon.positions import Mask, Positions
from trainmon.record import KEYS_LIMIT
from trainmon.roles import EARLIEST_TIME, normalised
from trainmon.source import Part, Source
from trainmon.store.batch import Batch, Floats, Samples, batch_of
from trainmon.table import Columns, Header, TableReader

MILLISECONDS = 1e11
"""From here on, times are Unix milliseconds: as seconds they would lie in the year 5138."""

Names = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a table say where its rows stand, by index, and what the others are.

    Where no column tells a position, the rows themselves may be `counted` as epochs.
    """

    names: Names
    """What each column is stored as; None for one that is no metric."""
    step: int | None = None
    epoch: int | None = None
    time: int | None = None
    counted: bool = False


class TableSource(Source):
    """A source of lines that form a table. Its subclasses tell which column is what."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._table = TableReader()
        self._positions = Positions()
        self._epochs = _Epochs()

    @abstractmethod
    def layout(self, header: Header) -> Layout:
        """Return which column is what."""

    def elsewhere(self, columns: Columns, batch: Batch) -> Mask:
        """Return the rows whose step counts something else; unless told, none."""
        del columns
        return np.zeros(batch.n_rows, bool)

    def arranged(self, header: Header, batch: Batch) -> Batch:
        """Return records as they are to be kept; unless told, as they are."""
        del header
        return batch

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the rows of further lines, cut where a new run begins."""
        return [part for columns in self._table.read(data) for part in self._placed(columns)]

    def _placed(self, columns: Columns) -> list[Part]:
        if not columns.n_rows:
            return [Part(batch_of(()), skipped=columns.skipped)]
        layout = self.layout(columns.header)
        begins: list[int] = []
        epochs = _column(columns, layout.epoch)
        if layout.step is None:
            if layout.counted:
                epochs = self._epochs.counted(columns.n_rows, again=columns.again)
            begins = self._epochs.restarts(epochs)
        batch = self.arranged(columns.header, _batch(columns, layout, epochs))
        elsewhere = self.elsewhere(columns, batch)
        parts = self._positions.place(batch, begins=begins, elsewhere=elsewhere)
        first = parts[0]
        return [Part(first.batch, first.begins_run, skipped=columns.skipped), *parts[1:]]


class _Epochs:
    """Tells runs apart in a log without steps: the epoch goes back to where the run began."""

    def __init__(self) -> None:
        self._rows = 0
        self._first = self._last = np.nan

    def counted(self, n_rows: int, *, again: bool) -> Floats:
        """Return the epochs of further rows that tell none; a further header begins a run."""
        start = 0 if again else self._rows
        self._rows = start + n_rows
        return np.arange(start, self._rows, dtype=np.float64)

    def restarts(self, epochs: Floats) -> list[int]:
        """Return the rows at which another run begins."""
        told = np.flatnonzero(~np.isnan(epochs))
        steps_back = np.diff(epochs[told], prepend=self._last) < 0
        begins = []
        for row in (told if np.isnan(self._first) else told[steps_back]).tolist():
            epoch = float(epochs[row])
            if np.isnan(self._first):
                self._first = epoch
            elif epoch <= self._first and steps_back[np.searchsorted(told, row)]:
                begins.append(row)
                self._first = epoch
        if len(told):
            self._last = float(epochs[told[-1]])
        return begins


def _batch(columns: Columns, layout: Layout, epochs: Floats) -> Batch:
    """Return the rows of a table as records, each metric in seconds or bytes if its name tells."""
    samples: dict[str, Samples] = {}
    times = _column(columns, layout.time)
    times = np.where(times >= MILLISECONDS, times / 1e3, times)
    every_row = np.arange(columns.n_rows, dtype=np.int32)
    for index, name in enumerate(layout.names[:KEYS_LIMIT]):
        if name is None or index in {layout.step, layout.epoch}:
            continue
        present = columns.present[index]
        if index == layout.time:
            present = present & ~(times >= EARLIEST_TIME)
        stored, factor = normalised(name)
        rows, values = every_row, columns.values[index]
        if not present.all():
            rows, values = rows[present], values[present]
        if len(rows):
            samples[stored] = Samples(rows, values if factor == 1.0 else values * factor)
    notices: tuple[str, ...] = ()
    if len(layout.names) > KEYS_LIMIT:
        notices = (f"a table has {len(layout.names):,} columns; the first {KEYS_LIMIT:,} are read",)
    times = np.where(times >= EARLIEST_TIME, times, np.nan)
    return Batch(_column(columns, layout.step), epochs, times, samples, (), notices)


def _column(columns: Columns, index: int | None) -> Floats:
    """Return a column of which all that is not finite is a gap; only gaps for no column."""
    if index is None:
        return np.full(columns.n_rows, np.nan)
    values = columns.values[index]
    return np.where(np.isfinite(values), values, np.nan)
