"""One process's part of a run: its records as columns, in the order of its log."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType

import numpy as np

from trainmon.record import KEYS_LIMIT, EventKind
from trainmon.store.batch import HEADER, NO_SAMPLES, Batch, LogEvent, Samples, told_by
from trainmon.store.places import Places
from trainmon.store.series import SeriesTable
from trainmon.store.timeline import Timeline

TURNING_KINDS = frozenset({HEADER, EventKind.CONFIG, EventKind.PHASE, EventKind.RESUME})
"""Events after which the run is to be understood anew; rules are told at exactly that row."""

_KNOWN = frozenset((*TURNING_KINDS, *EventKind))
"""Kinds whose fields are told apart: those of others are anything."""

EVENTS_LIMIT = 100_000
"""Events kept of one lane; more would be a metric in disguise."""

REWINDS_LIMIT = 1_000
"""Times that a step may go back; more is no resuming but streams that are mixed in one log."""

NUMBERS_LIMIT = 24_000_000
"""Values and places that a lane holds at most (200 MB, and half of that more while it is reduced):
those of 2 million records of 8 metrics. Beyond, the older part is reduced."""

_ROOM_SHARE = 4
"""A reduction is to free this part of the limit, so that it is rare."""

_WORTH_SHARE = 100
"""Wider buckets that free less than this part of the limit would cost outline for nothing."""

_FIRST_WIDTH = 64
"""Rows of a bucket at first, doubled as it takes: half a million of them are one pixel of many."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneView:
    """A lane as it stood at one moment; safe to read from any thread.

    Two of one lane are the same object where nothing came between, so that what was made of one
    can be kept.
    """

    rank: int
    steps: Timeline
    epochs: Timeline
    times: Timeline
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

    def samples(self, name: str | None) -> Samples:
        """Return all samples of a metric; none if there is no such metric."""
        return self.series.get(name or "", NO_SAMPLES)

    def upto(self, stop: int) -> "LaneView":
        """Return the lane as it stood with the rows before `stop`."""
        cut = {name: each.upto(stop) for name, each in self.series.items()}
        return LaneView(
            rank=self.rank,
            steps=self.steps.upto(stop),
            epochs=self.epochs.upto(stop),
            times=self.times.upto(stop),
            series=MappingProxyType({name: each for name, each in cut.items() if len(each)}),
            events=self.events[: bisect_left(self.events, stop, key=attrgetter("row"))],
            rewinds=self.rewinds[: bisect_left(self.rewinds, stop)],
        )


class Lane:
    """The growing columns of one process. Owned by the monitor thread."""

    def __init__(self, rank: int = 0, *, limit: int = NUMBERS_LIMIT) -> None:
        self.rank = rank
        self.events: list[LogEvent] = []
        self.rewinds: list[int] = []
        self.turns: list[int] = []
        """Rows at which the context changes: a new metric, news of an event, a step going back."""
        self.new_metrics: dict[int, list[str]] = {}
        """The metrics that first appear in a row."""
        self._places = Places()
        self._series = SeriesTable()
        self._limit = self._reduced_at = limit
        self._width = _FIRST_WIDTH
        self._last_step, self._last_epoch = -np.inf, np.nan
        self._left_out: set[str] = set()
        self._told: frozenset[str] = frozenset()
        self._events_left_out = 0
        self._rewinds_left_out = 0
        self._view: LaneView | None = None
        """The view of the lane as it stands, once it was asked for."""

    @property
    def n_rows(self) -> int:
        """The number of records, headers and events included."""
        return self._places.n_rows

    @property
    def first_full(self) -> int:
        """The first row from which on everything is held; of what is before, a reduced form."""
        return self._places.first_full

    @property
    def steps(self) -> Timeline:
        """The step of each row; NaN where it tells none."""
        return self._places.steps

    @property
    def epochs(self) -> Timeline:
        """The epoch of each row; NaN where it tells none."""
        return self._places.epochs

    @property
    def times(self) -> Timeline:
        """The time of each row in Unix seconds; NaN where it tells none."""
        return self._places.times

    def append(self, batch: Batch, *, ordered: bool = True) -> tuple[str, ...]:
        """Append a read and return notices of what was left out.

        `ordered` says whether a step that goes back means that steps were redone. What was
        appended before may be reduced: it is to have been judged.
        """
        self._view = None
        if self._held > self._reduced_at:
            self._reduce()
        base = self.n_rows
        turns = {event.row + base for event in batch.events if self._turns(event)}
        told = self._left_out_counts()
        if ordered:
            turns.update(self._find_rewinds(batch, base))
        turns.update(self._append_samples(batch, base))
        room = max(0, EVENTS_LIMIT - len(self.events))
        self.events.extend(LogEvent(e.row + base, e.kind, e.fields) for e in batch.events[:room])
        self._events_left_out += len(batch.events[room:])
        self.turns.extend(sorted(turns))
        self._places.append(batch)
        pairs = zip(self._left_out_counts().items(), told.values(), strict=True)
        return tuple(notice for (notice, now), before in pairs if now > before)

    def samples(self, name: str | None) -> Samples:
        """Return all samples of a metric, without copying; none if there is no such metric."""
        return self._series.samples(name)

    def has_since(self, name: str | None, row: int) -> bool:
        """Return whether a metric has samples from a row on; cheaper than to look at them."""
        return self._series.since(name, row)

    def alone(self, name: str | None, start: int, stop: int) -> float | None:
        """Return a metric's value where of the rows ``start`` to ``stop`` only the last has one.

        It is the lane's newest one then, and costs a tenth of a look at the samples; else None.
        """
        return self._series.alone(name, start, stop)

    def view(self) -> LaneView:
        """Return the lane as it stands, for other threads: the same object until it grows.

        Of a thousand ranks a few have grown since the last view.
        """
        if self._view is None:
            self._view = LaneView(
                rank=self.rank,
                steps=self.steps,
                epochs=self.epochs,
                times=self.times,
                series=MappingProxyType({name: self.samples(name) for name in self._series}),
                events=tuple(self.events),
                rewinds=tuple(self.rewinds),
                events_left_out=self._events_left_out,
            )
        return self._view

    def _turns(self, event: LogEvent) -> bool:
        """Return whether the context changes with an event: it says so, or tells something new."""
        told = told_by(event) - self._told if event.kind in _KNOWN else frozenset()
        self._told |= told
        return bool(told) or event.kind in TURNING_KINDS

    @property
    def _held(self) -> int:
        """Numbers that are held."""
        return self._series.size + self._places.size

    def _append_samples(self, batch: Batch, base: int) -> set[int]:
        """Append the samples and return the rows in which a metric appears first."""
        samples = {name: each for name, each in batch.samples.items() if len(each)}
        first_rows = set()
        new = [name for name in samples if name not in self._series]
        room = KEYS_LIMIT - len(self._series)
        if len(new) > room:
            self._left_out.update(new[room:])
            samples = {name: samples[name] for name in samples if name not in self._left_out}
        for name in new[:room]:
            first = int(samples[name].rows[0]) + base
            self.new_metrics.setdefault(first, []).append(name)
            first_rows.add(first)
        self._series.append(samples, base)
        return first_rows

    def _left_out_counts(self) -> dict[str, int]:
        """Return how much was left out, by the notice that tells it."""
        return {
            f"more than {KEYS_LIMIT:,} metrics: some are not read": len(self._left_out),
            f"more than {EVENTS_LIMIT:,} events: the later ones are not read": (
                self._events_left_out
            ),
            f"the step went back more than {REWINDS_LIMIT:,} times: the later ones do not count as "
            "resumes": self._rewinds_left_out,
        }

    def _reduce(self) -> None:
        """Reduce the older half of what is held in full, and what was reduced before with it."""
        first = self.first_full
        before = first + (self.n_rows - first) // 2
        marked = [event.row for event in self.events]
        marked += [row for rewind in self.rewinds for row in (rewind - 1, rewind)]
        room = self._limit // _ROOM_SHARE
        earlier = np.inf
        while True:
            kept = self._series.thin(before, self._width)
            self._places.thin(before, [*kept, np.array(marked, np.int32)])
            freed, earlier = earlier - self._held, self._held
            if self._held <= self._limit - room or freed < self._limit // _WORTH_SHARE:
                break
            self._width *= 2
        self._reduced_at = max(self._limit, self._held + room)

    @property
    def reduction(self) -> str:
        """What is held in a reduced form, in words; empty while nothing is."""
        if not self.first_full:
            return ""
        return (
            f"the first {self.first_full:,} records are drawn from the least, greatest and last "
            f"values of each {self._width:,}; all were judged"
        )

    def _find_rewinds(self, batch: Batch, base: int) -> list[int]:
        """Return the rows whose step is lower than the one before, and remember them.

        Where the epoch went on, steps are counted within epochs, and nothing was redone.
        """
        if not batch.n_rows:
            return []
        steps = batch.steps
        if not batch.events and steps[0] >= self._last_step and (steps[1:] >= steps[:-1]).all():
            self._last_step, self._last_epoch = float(steps[-1]), float(batch.epochs[-1])
            return []  # as in nearly all reads, at a third of the time
        told = ~np.isnan(batch.steps)
        told[[event.row for event in batch.events]] = False
        at = np.flatnonzero(told)
        if not len(at):
            return []
        steps = np.concatenate(([self._last_step], batch.steps[at]))
        epochs = np.concatenate(([self._last_epoch], batch.epochs[at]))
        self._last_step, self._last_epoch = float(steps[-1]), float(epochs[-1])
        redone = (steps[1:] < steps[:-1]) & ~(epochs[1:] > epochs[:-1])
        found: list[int] = (at[redone] + base).tolist()
        rows = found[: REWINDS_LIMIT - len(self.rewinds)]
        self._rewinds_left_out += len(found) - len(rows)
        self.rewinds.extend(rows)
        return rows
