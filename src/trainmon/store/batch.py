"""One read of a log as columns: what a source makes of lines, and what a lane appends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.record import EVENT_KEY, HEADER_KEY, KEYS_LIMIT
from trainmon.text import clean, clean_fields

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
Present = NDArray[np.bool_]
Record = dict[str, Any]

HEADER = "header"
"""The kind under which a header line is kept among the events."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A header or an event line. `row` is its record number, in the batch or in the lane."""

    row: int
    kind: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Samples:
    """The values of one metric and the record numbers they stand in, ascending."""

    rows: Rows
    values: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def positions(self, *rows: int) -> tuple[int, ...]:
        """Return where each of some rows would stand among the samples' rows."""
        # Rows of another type would have all the samples' rows converted, at each call.
        return tuple(np.searchsorted(self.rows, np.array(rows, np.int32)).tolist())


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


@dataclass(slots=True)
class _Builder:
    """Collects the columns of one batch."""

    steps: Floats
    epochs: Floats
    times: Floats
    parts: dict[str, list[Samples]] = field(default_factory=dict)
    events: list[LogEvent] = field(default_factory=list)
    notices: set[str] = field(default_factory=set)

    def finish(self) -> Batch:
        samples = {name: _joined(parts) for name, parts in self.parts.items()}
        events = sorted(self.events, key=lambda event: event.row)
        notices = tuple(sorted(self.notices))
        return Batch(self.steps, self.epochs, self.times, samples, events, notices)


def batch_of(records: Sequence[Record], keys: PositionKeys | None = None) -> Batch:
    """Return the columns of parsed lines.

    Nested objects are joined with ``/``; strings that spell numbers are numbers; ``null`` is a
    gap and leaves no sample; what is no number is left out.

    >>> batch = batch_of([{"step": 1, "loss": "NaN"}, {"step": 2, "val": {"acc": 0.5}, "lr": None}])
    >>> batch.steps.tolist(), batch.samples["loss"].values.tolist(), list(batch.samples)
    ([1.0, 2.0], [nan], ['loss', 'val/acc'])
    """
    keys = keys or PositionKeys()
    count = len(records)
    builder = _Builder(np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan))
    keys_of_first = tuple(records[0]) if count else ()
    alike = all(map(keys_of_first.__eq__, map(tuple, records)))
    if count and alike and not _is_event(records[0]):
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
    for column, key in (
        (builder.steps, "step"),
        (builder.epochs, "epoch"),
        (builder.times, "time"),
    ):
        column[row] = _number(record.get(key))


def _add_group(builder: _Builder, group: Sequence[Record], rows: Rows, keys: PositionKeys) -> None:
    """Add records that all have the same keys in the same order."""
    names = list(group[0])
    if len(names) > KEYS_LIMIT:
        builder.notices.add(f"a record has {len(names):,} keys; the first {KEYS_LIMIT:,} are read")
        names = names[:KEYS_LIMIT]
        group = [{name: record[name] for name in names} for record in group]
    try:
        flat = chain.from_iterable(map(dict.values, group))
        table = np.fromiter(flat, np.float64, len(group) * len(names)).reshape(len(group), -1)
    except (TypeError, ValueError, OverflowError):
        _add_mixed(builder, group, rows, keys)
        return
    places = keys.of(names)
    for index, name in enumerate(names):
        values = np.ascontiguousarray(table[:, index])
        present = None
        if np.isnan(values).any():  # numpy reads both null and "NaN" as NaN
            present = np.array([record[name] is not None for record in group])
        if name in places:
            present = _add_place(builder, places[name], values, rows, keys)
        _add_samples(builder, name, values, rows, present)


def _add_mixed(builder: _Builder, group: Sequence[Record], rows: Rows, keys: PositionKeys) -> None:
    """Add records of which some values are no plain numbers, key by key."""
    flattened = [dict(_flatten(record)) for record in group]
    names = dict.fromkeys(chain.from_iterable(flattened))
    places = keys.of(group[0])
    for name in names:
        raw = [record.get(name) for record in flattened]
        values = np.fromiter(map(_number, raw), np.float64, len(raw))
        present = np.array([value is not None and _is_number(value) for value in raw])
        if name in places:
            present = _add_place(builder, places[name], values, rows, keys)
        _add_samples(builder, name, values, rows, present)


def _add_place(
    builder: _Builder, place: str, values: Floats, rows: Rows, keys: PositionKeys
) -> Present:
    """Add where records stand and return which of the values are no such thing but a metric."""
    if place != "time":
        (builder.steps if place == "step" else builder.epochs)[rows] = values
        return np.zeros(len(rows), bool)
    told = values >= keys.earliest_time
    builder.times[rows[told]] = values[told]
    return values < keys.earliest_time


def _add_samples(
    builder: _Builder, name: str, values: Floats, rows: Rows, present: Present | None
) -> None:
    if present is not None:
        rows, values = rows[present], values[present]
    if len(rows):
        builder.parts.setdefault(clean(name), []).append(Samples(rows, values))


def _flatten(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    stack = [iter([(prefix + key, value) for key, value in record.items()])]
    produced = 0
    while stack and produced < KEYS_LIMIT:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item[1], dict):
            stack.append(iter([(f"{item[0]}/{key}", value) for key, value in item[1].items()]))
        else:
            produced += 1
            yield item


def _number(value: object) -> float:
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except (ValueError, OverflowError):
            return float("nan")
    return float("nan")


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, (int, float))


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
