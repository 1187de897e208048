"""One process's part of a run: its records as columns, in the order of its log."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from trainmon.record import KEYS_LIMIT, EventKind
from trainmon.store.batch import HEADER, Batch, Floats, LogEvent, Samples
from trainmon.store.column import Column

TURNING_KINDS = frozenset({HEADER, EventKind.CONFIG, EventKind.PHASE, EventKind.RESUME})
"""Events after which the run is to be understood anew; rules are told at exactly that row."""

EVENTS_LIMIT = 100_000
"""Events kept of one lane; more would be a metric in disguise."""


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane as it stood at one moment; safe to read from any thread."""

    rank: int
    steps: Floats
    epochs: Floats
    times: Floats
    series: Mapping[str, Samples]
    events: tuple[LogEvent, ...]
    rewinds: tuple[int, ...]
    """Rows at which the step went back: what stands before, from that step on, was redone."""
    events_left_out: int = 0

    @property
    def n_rows(self) -> int:
        """The number of records, headers and events included."""
        return len(self.steps)

    @property
    def records(self) -> int:
        """The number of metrics records."""
        return self.n_rows - len(self.events) - self.events_left_out


class Lane:
    """The growing columns of one process. Owned by the monitor thread."""

    def __init__(self, rank: int = 0) -> None:
        self.rank = rank
        self.events: list[LogEvent] = []
        self.rewinds: list[int] = []
        self.turns: list[int] = []
        """Rows at which the context changes: a new metric, a turning event, a step going back."""
        self.new_metrics: dict[int, list[str]] = {}
        """The metrics that first appear in a row."""
        self._steps, self._epochs, self._times = (Column(np.float64) for _ in range(3))
        self._rows: dict[str, Column] = {}
        self._values: dict[str, Column] = {}
        self._last_step, self._last_epoch = -np.inf, np.nan
        self._left_out: set[str] = set()
        self._events_left_out = 0

    @property
    def n_rows(self) -> int:
        """The number of records, headers and events included."""
        return len(self._steps)

    @property
    def steps(self) -> Floats:
        """The step of each row; NaN where it tells none."""
        return self._steps.view()

    @property
    def epochs(self) -> Floats:
        """The epoch of each row; NaN where it tells none."""
        return self._epochs.view()

    @property
    def times(self) -> Floats:
        """The time of each row in Unix seconds; NaN where it tells none."""
        return self._times.view()

    def append(self, batch: Batch) -> tuple[str, ...]:
        """Append a read and return notices of what was left out."""
        base = self.n_rows
        turns = {event.row + base for event in batch.events if event.kind in TURNING_KINDS}
        turns.update(self._find_rewinds(batch, base))
        left_out, dropped = len(self._left_out), self._events_left_out
        for name, samples in batch.samples.items():
            if name not in self._rows:
                if len(self._rows) >= KEYS_LIMIT:
                    self._left_out.add(name)
                    continue
                self._rows[name], self._values[name] = Column(np.int32), Column(np.float64)
                first = int(samples.rows[0]) + base
                self.new_metrics.setdefault(first, []).append(name)
                turns.add(first)
            self._rows[name].extend(samples.rows + np.int32(base))
            self._values[name].extend(samples.values)
        room = max(0, EVENTS_LIMIT - len(self.events))
        self.events.extend(LogEvent(e.row + base, e.kind, e.fields) for e in batch.events[:room])
        self._events_left_out += len(batch.events[room:])
        self.turns.extend(sorted(turns))
        for column, values in (
            (self._epochs, batch.epochs),
            (self._times, batch.times),
            (self._steps, batch.steps),
        ):
            column.extend(values)
        notices = []
        if len(self._left_out) > left_out:
            notices.append(f"more than {KEYS_LIMIT:,} metrics: some are not read")
        if self._events_left_out > dropped:
            notices.append(f"more than {EVENTS_LIMIT:,} events: the later ones are not read")
        return tuple(notices)

    def samples(self, name: str) -> Samples:
        """Return all samples of a metric, without copying; none if there is no such metric."""
        if name not in self._rows:
            return Samples(np.empty(0, np.int32), np.empty(0, np.float64))
        rows, values = self._rows[name].view(), self._values[name].view()
        return Samples(rows, values)

    def view(self) -> LaneView:
        """Return the lane as it stands, for other threads."""
        return LaneView(
            rank=self.rank,
            steps=self.steps,
            epochs=self.epochs,
            times=self.times,
            series=MappingProxyType({name: self.samples(name) for name in self._rows}),
            events=tuple(self.events),
            rewinds=tuple(self.rewinds),
            events_left_out=self._events_left_out,
        )

    def _find_rewinds(self, batch: Batch, base: int) -> list[int]:
        """Return the rows whose step is lower than the one before, and remember them.

        Where the epoch went on, steps are counted within epochs, and nothing was redone.
        """
        told = np.flatnonzero(~np.isnan(batch.steps))
        told = told[~np.isin(told, [event.row for event in batch.events])]
        if not len(told):
            return []
        steps = np.concatenate(([self._last_step], batch.steps[told]))
        epochs = np.concatenate(([self._last_epoch], batch.epochs[told]))
        self._last_step, self._last_epoch = float(steps[-1]), float(epochs[-1])
        redone = (steps[1:] < steps[:-1]) & ~(epochs[1:] > epochs[:-1])
        rows: list[int] = (told[redone] + base).tolist()
        self.rewinds.extend(rows)
        return rows
