"""The records of a log, put together again from the columns they are kept in: a few at a time."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from operator import attrgetter
from typing import Any

import numpy as np

from trainmon.store.batch import LogEvent, Rows
from trainmon.store.lane_view import LaneView
from trainmon.ui.curves.curves import axis_of, x_of
from trainmon.ui.scene import Settings

_OVER_TIME = Settings(x_kind="time")

_PLACES = frozenset({"event", "step", "epoch", "time"})
"""Fields of an event that stand before its text."""

_DEPTH = 4
"""Levels of nesting of an event that are spelled on one line."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line of a log: metrics or an event, and where it stands; None where it does not tell."""

    row: int
    step: float | None
    epoch: float | None
    time: float | None
    """Unix seconds."""
    elapsed: float | None
    """Seconds since the first record."""
    values: Sequence[tuple[str, float]] = ()
    """Metrics in the order in which the log first told them."""
    event: LogEvent | None = None


def records_at(lane: LaneView, rows: Rows, *, most: int | None = None) -> list[LogRecord]:
    """Return the records in some ascending rows, each with its first `most` metrics, or all.

    It looks at the metrics' rows by bisection, never at all of them; where all records have as
    many metrics as are wanted, no further metric is looked at.
    """
    if not len(rows):
        return []
    values: list[list[tuple[str, float]]] = [[] for _ in rows]
    events = _events_in(lane, rows)
    first, last = int(rows[0]), int(rows[-1])
    for name, samples in lane.series.items():
        if most is not None and all(
            len(told) >= most or int(row) in events for told, row in zip(values, rows, strict=True)
        ):
            break
        if not len(samples) or samples.rows.item(0) > last or samples.rows.item(-1) < first:
            continue
        places = np.minimum(np.searchsorted(samples.rows, rows), len(samples) - 1)
        hits = np.flatnonzero(samples.rows[places] == rows)
        for at, value in zip(hits.tolist(), samples.values[places[hits]].tolist(), strict=True):
            values[at].append((name, value))
    elapsed = (
        x_of(lane, _OVER_TIME, rows)
        if axis_of(lane, _OVER_TIME) == "time"
        else np.full(len(rows), np.nan)
    )
    steps, epochs, times = lane.steps[rows], lane.epochs[rows], lane.times[rows]
    return [
        LogRecord(
            row,
            step=_told(steps[at]),
            epoch=_told(epochs[at]),
            time=_told(times[at]),
            elapsed=_told(elapsed[at]),
            values=values[at][:most],
            event=events.get(row),
        )
        for at, row in enumerate(rows.tolist())
    ]


def spelled_number(value: float) -> str:
    """Return a value as a log has it, in six digits at most.

    >>> [spelled_number(value) for value in (0.1 + 0.2, 48_210.0, 1e-7, float("nan"))]
    ['0.3', '48210', '1e-07', 'NaN']
    """
    if isfinite(value):
        return f"{value:.6g}" if abs(value) >= 1e6 or value != int(value) else f"{value:.0f}"  # noqa: PLR2004 - whole numbers of six digits are told in full
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


def fields_of(event: LogEvent) -> Iterator[tuple[str, Any]]:
    """Yield what an event tells beside its kind and its place."""
    return ((name, value) for name, value in event.fields.items() if name not in _PLACES)


def on_one_line(value: Any, depth: int = 0) -> str:  # noqa: ANN401 - an event may hold any JSON value
    r"""Return a value of an event on one line.

    >>> on_one_line({"lr": 0.1, "betas": [0.9, 0.999]}), on_one_line("a\nb")
    ('{lr=0.1 betas=[0.9 0.999]}', 'a ↵ b')
    """
    if isinstance(value, str):
        return value.replace("\n", " ↵ ")
    if isinstance(value, (bool, type(None))):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (int, float)):
        return spelled_number(float(value))
    if depth >= _DEPTH:
        return "…"
    if isinstance(value, Mapping):
        inside = (f"{name}={on_one_line(item, depth + 1)}" for name, item in value.items())
        return f"{{{' '.join(inside)}}}"
    return f"[{' '.join(on_one_line(item, depth + 1) for item in value)}]"


def _events_in(lane: LaneView, rows: Rows) -> dict[int, LogEvent]:
    """Return the events between the first and the last of some rows, by their rows."""
    first = bisect_left(lane.events, int(rows[0]), key=attrgetter("row"))
    stop = bisect_left(lane.events, int(rows[-1]) + 1, key=attrgetter("row"))
    return {event.row: event for event in lane.events[first:stop]}


def _told(place: float) -> float | None:
    return float(place) if isfinite(place) else None
