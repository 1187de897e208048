"""One process's part of a run: its records as columns, in the order of its log."""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from trainmon.record import KEYS_LIMIT, EventKind
from trainmon.store.batch import HEADER, Batch, LogEvent, Samples, told_by
from trainmon.store.lane_view import LaneView
from trainmon.store.places import Places
from trainmon.store.rewinds import REWINDS_LIMIT, Rewinds
from trainmon.store.series import SeriesTable
from trainmon.store.timeline import Timeline

TURNING_KINDS = frozenset({HEADER, EventKind.CONFIG, EventKind.PHASE, EventKind.RESUME})
"""Events after which the run is to be understood anew; rules are told at exactly that row."""

_KNOWN = frozenset((*TURNING_KINDS, *EventKind))
"""Kinds whose fields are told apart: those of others are anything."""

EVENTS_LIMIT = 100_000
"""Events kept of one lane; more would be a metric in disguise."""

NUMBERS_LIMIT = 24_000_000
"""Values and places that a lane holds at most (200 MB, and half of that more while it is reduced):
those of 2 million records of 8 metrics. Beyond, the older part is reduced."""

_ROOM_SHARE = 4
"""A reduction is to free this part of the limit, so that it is rare."""

_WORTH_SHARE = 100
"""Wider buckets that free less than this part of the limit would cost outline for nothing."""

_FIRST_WIDTH = 64
"""Rows of a bucket at first, doubled as it takes: half a million of them are one pixel of many."""


class Lane:
    """The growing columns of one process. Owned by the monitor thread."""

    def __init__(self, rank: int = 0, *, limit: int = NUMBERS_LIMIT) -> None:
        self.rank = rank
        self.events: list[LogEvent] = []
        self.turns: list[int] = []
        """Rows at which the context changes: a new metric, news of an event, a step going back."""
        self.new_metrics: dict[int, list[str]] = {}
        """The metrics that first appear in a row."""
        self._places = Places()
        self._series = SeriesTable()
        self._limit = self._reduced_at = limit
        self._width = _FIRST_WIDTH
        self._rewinds = Rewinds()
        self._left_out: set[str] = set()
        self._told: frozenset[str] = frozenset()
        self._events_left_out = 0
        self._view: LaneView | None = None
        """The view of the lane as it stands, once it was asked for."""

    @property
    def rewinds(self) -> Sequence[int]:
        """Rows at which the step went back: what stands before, from that step on, was redone."""
        return self._rewinds.rows

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
            turns.update(self._rewinds.found(batch, base))
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
                rewinds=tuple(self._rewinds.rows),
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
            "resumes": self._rewinds.left_out,
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
