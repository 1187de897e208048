"""One read of a log as columns: what a source makes of lines, and what a lane appends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.record import EVENT_KEY, HEADER_KEY, KEYS_LIMIT
from trainmon.roles import normalised
from trainmon.store.table import Numbers, number_of, numbers_of
from trainmon.text import clean, clean_fields

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
Record = dict[str, Any]

HEADER = "header"
"""The kind under which a header line is kept among the events."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A header or an event line. `row` is its record number, in the batch or in the lane."""

    row: int
    kind: str
    fields: Mapping[str, Any]


def told_by(event: LogEvent) -> frozenset[str]:
    """Return what an event tells of: its kind, and its kind with each of its first fields.

    >>> sorted(told_by(LogEvent(0, "evaluation", {"n": 10})))
    ['evaluation', 'evaluation/n']
    """
    fields = islice(event.fields, _FIELDS_TOLD)
    return frozenset((event.kind, *(f"{event.kind}/{field}" for field in fields)))


_FIELDS_TOLD = 64
"""Fields of an event that are told apart: more are data."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The values of one metric and the record numbers they stand in, ascending."""

    rows: Rows
    values: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def positions(self, *rows: int) -> tuple[int, ...]:
        """Return where each of some rows would stand among the samples' rows."""
        count = len(self.rows)
        if not count:
            return (0,) * len(rows)
        first = self.rows.item(0)
        if self.rows.item(-1) - first == count - 1:  # a sample in each row: nothing to search
            ahead = [row - first for row in rows]
            return tuple([0 if n < 0 else min(n, count) for n in ahead])
        # Rows of another type would have all the samples' rows converted, at each call.
        return tuple(self.rows.searchsorted(np.array(rows, np.int32)).tolist())

    def upto(self, stop: int) -> "Samples":
        """Return the samples in the rows before `stop`."""
        (count,) = self.positions(stop)
        return self if count == len(self) else Samples(self.rows[:count], self.values[:count])

    def at(self, rows: Rows, missing: float) -> Floats:
        """Return the value that stands in each of some rows, ascending, or `missing`."""
        if not len(self.rows) or not len(rows):
            return np.full(len(rows), missing)
        first, last = self.positions(int(rows[0]), int(rows[-1]) + 1)
        if last - first == len(rows) and np.array_equal(self.rows[first:last], rows):
            return self.values[first:last]
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[places] == rows, self.values[places], missing)


NO_SAMPLES = Samples(np.empty(0, np.int32), np.empty(0, np.float64))


@dataclass(frozen=True, slots=True)
class PositionKeys:
    """The keys that may say where a record stands; the first that a record has counts."""

    step: tuple[str, ...] = ("step",)
    epoch: tuple[str, ...] = ("epoch",)
    time: tuple[str, ...] = ("time",)
    earliest_time: float = -np.inf
    """Unix seconds: what is less is no time but a metric of that name, such as a duration."""

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """Return which of a record's names tell its step, its epoch and its time."""
        here = set(names)
        places = {name: "time" for name in self.time if name in here}
        for place, candidates in (("epoch", self.epoch), ("step", self.step)):
            name = next((name for name in candidates if name in here), None)
            if name is not None:
                places[name] = place
        return places


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in the order of the log; positions that a record does not tell are NaN."""

    steps: Floats
    epochs: Floats
    times: Floats
    samples: Mapping[str, Samples]
    events: Sequence[LogEvent] = ()
    notices: Sequence[str] = ()
    """What was left out and why, in words."""

    @property
    def n_rows(self) -> int:
        """The number of records, headers and events included."""
        return len(self.steps)

    @property
    def is_finite(self) -> bool:
        """Whether all values are finite."""
        return all(np.isfinite(each.values).all() for each in self.samples.values())


@dataclass(slots=True)
class _Builder:
    """Collects the columns of one batch."""

    steps: Floats
    epochs: Floats
    times: Floats
    parts: dict[str, list[Samples]] = field(default_factory=dict)
    events: list[LogEvent] = field(default_factory=list)
    notices: set[str] = field(default_factory=set)

    def column(self, place: str) -> Floats:
        """Return the column of steps, epochs or times."""
        return {"step": self.steps, "epoch": self.epochs, "time": self.times}[place]

    def finish(self) -> Batch:
        samples = {name: _joined(parts) for name, parts in self.parts.items()}
        events = sorted(self.events, key=lambda event: event.row)
        notices = tuple(sorted(self.notices))
        return Batch(self.steps, self.epochs, self.times, samples, events, notices)


def batch_of(records: Sequence[Record], keys: PositionKeys | None = None) -> Batch:
    """Return the columns of parsed lines.

    Nested objects are joined with ``/``; strings that spell numbers are numbers; ``null`` is a
    gap and leaves no sample; what is no number is left out. A name that ends in a unit of time or
    memory loses it: its values are seconds or bytes.

    >>> batch = batch_of([{"step": 1, "loss": "NaN"}, {"step": 2, "val": {"acc": 0.5}, "lr": None}])
    >>> batch.steps.tolist(), batch.samples["loss"].values.tolist(), list(batch.samples)
    ([1.0, 2.0], [nan], ['loss', 'val/acc'])
    """
    keys = keys or PositionKeys()
    count = len(records)
    builder = _Builder(np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan))
    # One long comparison takes two thirds of the time of many short ones.
    alike = count and list(chain.from_iterable(records)) == [*records[0]] * count
    if alike and not _is_event(records[0]):
        _add_group(builder, records, np.arange(count, dtype=np.int32), keys)
        return builder.finish()
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, record in enumerate(records):
        if _is_event(record):
            _add_event(builder, row, record)
        else:
            groups.setdefault(tuple(record), []).append(row)
    for rows in groups.values():
        group = [records[row] for row in rows]
        _add_group(builder, group, np.array(rows, dtype=np.int32), keys)
    return builder.finish()


def _is_event(record: Record) -> bool:
    return EVENT_KEY in record or HEADER_KEY in record


def _add_event(builder: _Builder, row: int, record: Record) -> None:
    kind = HEADER if HEADER_KEY in record else clean(str(record[EVENT_KEY]))
    builder.events.append(LogEvent(row, kind, clean_fields(record)))
    for place in ("step", "epoch", "time"):
        told = number_of(record.get(place))
        if told is not None:
            builder.column(place)[row] = told


def _add_group(builder: _Builder, group: Sequence[Record], rows: Rows, keys: PositionKeys) -> None:
    """Add records that all have the same keys in the same order."""
    n_keys = len(group[0])
    if n_keys > KEYS_LIMIT:
        builder.notices.add(f"a record has {n_keys:,} keys; the first {KEYS_LIMIT:,} are read")
    places = keys.of(group[0])
    for numbers in numbers_of(group):
        here = rows if numbers.where is None else rows[numbers.where]
        place = places.get(numbers.name)
        if place is None:
            _add_samples(builder, numbers, here)
        elif place != "time":
            builder.column(place)[here] = numbers.values
        else:
            _add_times(builder, numbers, here, keys.earliest_time)


def _add_times(builder: _Builder, numbers: Numbers, rows: Rows, earliest: float) -> None:
    """Add times; values that are none are those of a metric of that name."""
    told, early = numbers.values >= earliest, numbers.values < earliest
    builder.times[rows[told]] = numbers.values[told]
    if early.any():
        _add_samples(builder, Numbers(numbers.name, numbers.values[early]), rows[early])


def _add_samples(builder: _Builder, numbers: Numbers, rows: Rows) -> None:
    if len(rows):
        name, factor = normalised(clean(numbers.name))
        values = numbers.values if factor == 1 else numbers.values * factor
        builder.parts.setdefault(name, []).append(Samples(rows, values))


def _joined(parts: list[Samples]) -> Samples:
    """Return the samples of one metric in the order of the log, whatever groups they came in."""
    if len(parts) == 1:
        return parts[0]
    rows = np.concatenate([part.rows for part in parts])
    values = np.concatenate([part.values for part in parts])
    order = np.argsort(rows, kind="stable")
    rows, values = rows[order], values[order]
    single = np.concatenate(([True], rows[1:] != rows[:-1]))
    return Samples(rows[single], values[single])
