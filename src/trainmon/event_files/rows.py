"""Scalars that were logged one by one, gathered into records: one row for what belongs together."""

from dataclasses import dataclass, field
from math import nan

import numpy as np

from trainmon.event_files.tag_counters import TagCounters
from trainmon.event_files.tag_names import TagNames
from trainmon.record import KEYS_LIMIT
from trainmon.store.batch import Batch, LogEvent, Samples

_TOGETHER = 1.0
"""Seconds within which the values of one moment are written: an evaluation after a step's own
values takes longer, and is a record of its own."""

_SEQUENCES = 10_000
"""Places in known orders of tags that are remembered: logs have some dozens."""

_EPOCH_NAMES = frozenset({"epoch", "epochs", "train/epoch", "trainer/epoch"})


class _Sequence(dict[str, "_Sequence"]):
    """What tags followed after some others within a row."""

    __slots__ = ("complete",)

    def __init__(self) -> None:
        super().__init__()
        self.complete = False
        """Whether a row has ended here: then those like it are not held back for more."""


@dataclass(slots=True)
class _Columns:
    """Rows that have not been handed on, and their scalars in the order of the log."""

    steps: list[float] = field(default_factory=list)
    epochs: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """The row of each scalar."""
    events: list[LogEvent] = field(default_factory=list)

    def begin_row(self, step: float, time: float) -> None:
        """Add a row; what follows belongs to it."""
        self.steps.append(step)
        self.epochs.append(nan)
        self.times.append(time)

    def last_row(self, n_values: int) -> "_Columns":
        """Take out the last row, which has so many values, and return it."""
        rest = _Columns(self.steps[-1:], self.epochs[-1:], self.times[-1:])
        rest.names, rest.values = self.names[-n_values:], self.values[-n_values:]
        rest.rows = [0] * n_values
        for column in (self.steps, self.epochs, self.times):
            del column[-1]
        for scalars in (self.names, self.values, self.rows):
            del scalars[-n_values:]
        return rest


class EventRows:
    """Gathers scalars into rows. Owned by its source; `tag_names` names the tags.

    A row ends where the step changes, a tag comes again or a second passes. So that a live log is
    not one record late, a row is also taken to be whole when its tags are those of an earlier one.
    """

    def __init__(self, tag_names: TagNames) -> None:
        self.counters = TagCounters()
        self.left_out = 0
        """Scalars of more tags than are read."""
        self._tag_names = tag_names
        self._names: dict[str, tuple[str, float]] = {}
        self._tells_epochs = False
        self._columns = _Columns()
        self._in_row: set[str] = set()
        self._step = self._last_time = nan
        self._beginnings = _Sequence()
        self._known_sequences = 0
        self._sequence: _Sequence | None = None

    def add(self, tag: str, time: float, step: int, value: float) -> None:
        """Add a scalar: its tag, its time in Unix seconds and its counter."""
        known = self._names.get(tag) or self._name(tag)
        if known is None:
            self.left_out += 1
            return
        name, scale = known
        place = self.counters.place(name, step)
        elsewhere = place != self._step or name in self._in_row
        if elsewhere or not -_TOGETHER <= time - self._last_time <= _TOGETHER:
            self._end_row(complete=True)
        columns = self._columns
        if not self._in_row:
            columns.begin_row(place, time)
            self._step, self._sequence = place, self._beginnings
        self._last_time = time
        self._in_row.add(name)
        columns.names.append(name)
        columns.values.append(value * scale)
        columns.rows.append(len(columns.steps) - 1)
        if name in self._tag_names.by_epoch:
            columns.epochs[-1] = float(step)
        elif name in self.counters.otherwise and not self._tells_epochs:
            columns.epochs[-1] = self.counters.epoch(name)
        self._follow(name)

    def add_event(self, kind: str, time: float, fields: dict[str, object]) -> None:
        """Add something that is told beside the scalars, as a row of its own."""
        self._end_row(complete=False)
        self._columns.events.append(LogEvent(len(self._columns.steps), kind, fields))
        self._columns.begin_row(nan, time)

    def take(self, *, ended: bool = False) -> Batch:
        """Return the rows that are whole, each once; when the log has ended, the last one too."""
        if ended:
            self._end_row(complete=False)
        columns, self._columns = self._columns, _Columns()
        if self._in_row:
            self._columns = columns.last_row(len(self._in_row))
        return self._batch(columns)

    def _name(self, tag: str) -> tuple[str, float] | None:
        """Return the name under which a tag is kept and what its values are multiplied by.

        None if there are too many tags.
        """
        if len(self._names) >= KEYS_LIMIT:
            return None
        known = self._names[tag] = self._tag_names.name(tag)
        self._tells_epochs |= known[0] in _EPOCH_NAMES
        return known

    def _follow(self, name: str) -> None:
        """Go on in the known orders of tags, and end the row where one of them did."""
        if self._sequence is None:
            return
        following = self._sequence.get(name)
        if following is None and self._known_sequences < _SEQUENCES:
            following = self._sequence[name] = _Sequence()
            self._known_sequences += 1
        self._sequence = following
        if following is not None and following.complete:
            self._end_row(complete=True)

    def _end_row(self, *, complete: bool) -> None:
        if self._in_row and complete and self._sequence is not None:
            self._sequence.complete = True
        self._in_row.clear()
        self._step = nan

    def _batch(self, columns: _Columns) -> Batch:
        epochs = np.array(columns.epochs, np.float64)
        numbers_of = {name: number for number, name in enumerate(dict.fromkeys(columns.names))}
        numbers = np.array([numbers_of[name] for name in columns.names], np.int32)
        order = np.argsort(numbers, kind="stable")
        rows = np.array(columns.rows, np.int32)[order]
        values = np.array(columns.values, np.float64)[order]
        ends = np.cumsum(np.bincount(numbers, minlength=len(numbers_of))).tolist()
        samples = {}
        for name, start, end in zip(numbers_of, [0, *ends], ends, strict=False):
            if name in _EPOCH_NAMES:
                epochs[rows[start:end]] = values[start:end]
            else:
                samples[name] = Samples(rows[start:end], values[start:end])
        steps, times = (np.array(column, np.float64) for column in (columns.steps, columns.times))
        return Batch(steps, epochs, times, samples, columns.events)
