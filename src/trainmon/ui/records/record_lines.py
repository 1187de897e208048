"""How a record of a log looks: on one line, and whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from trainmon.record import EventKind
from trainmon.store.batch import HEADER, LogEvent
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration
from trainmon.ui.curves.curves import axis_of
from trainmon.ui.flow import Line
from trainmon.ui.records.records import LogRecord, fields_of, on_one_line, spelled_number
from trainmon.ui.scene import X_KINDS, Settings

EVENTS: Mapping[str, tuple[str, Ink]] = {
    HEADER: ("↻", Ink.KEY),
    EventKind.CONFIG: ("↻", Ink.KEY),
    EventKind.RESUME: ("↻", Ink.KEY),
    EventKind.PHASE: ("▏", Ink.KEY),
    EventKind.CHECKPOINT: ("◆", Ink.GOOD),
    EventKind.FINISH: ("✓", Ink.GOOD),
    EventKind.STOP: ("■", Ink.WARNING),
    EventKind.SPIKE: ("▲", Ink.WARNING),
    EventKind.NONFINITE: ("✖", Ink.ERROR),
    EventKind.EXCEPTION: ("✖", Ink.ERROR),
}
"""Glyph and ink of events by their kind."""

_OTHER_EVENT = ("·", Ink.INFO)

_TIME, _STEP, _EPOCH = 10, 8, 6
"""Cells of the columns of a line: "123:45:06", steps below a hundred million, "12.25"."""

_NAME = 32
"""Cells of a name where a record is shown whole; longer ones push their values."""

_MOST_LINES = 2_000
"""Lines of a record shown whole: nobody reads further, and some logs hold a model in one line."""

_NESTED = 8
"""Levels of nesting that are shown of an event."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How lines stand below one another: which places they tell, and how wide values are."""

    time: bool = True
    step: bool = True
    epoch: bool = True
    widths: Mapping[str, int] = field(default_factory=dict)
    """Cells of the values of metrics, by their names."""

    @property
    def heading(self) -> str:
        """What stands over the places."""
        return "".join(word for word in self.places("time", "step", "epoch") if word)

    def places(self, time: str, step: str, epoch: str) -> tuple[str, str, str]:
        """Return the places of a line in their columns; those that no line tells are empty."""
        return (
            f"{time:>{_TIME}}" if self.time else "",
            f"{step:>{_STEP}}" if self.step else "",
            f"{epoch:>{_EPOCH}}" if self.epoch else "",
        )


def columns_of(lane: LaneView, records: Iterable[LogRecord]) -> Columns:
    """Return the columns for some records of a lane: places that it does not tell have none."""
    widths: dict[str, int] = {}
    for record in records:
        for name, value in record.values:
            widths[name] = max(widths.get(name, 0), len(spelled_number(value)))
    told = {kind: axis_of(lane, Settings(x_kind=kind)) == kind for kind in X_KINDS}
    return Columns(told["time"], told["step"], told["epoch"], widths)


def line_of(record: LogRecord, columns: Columns | None = None, room: int | None = None) -> Line:
    """Return a record on one line: where it stands, then its values.

    What begins beyond `room` cells is left out: that cannot be seen.
    """
    columns = columns or Columns()
    time, step, epoch = columns.places(
        _clock(record.elapsed) if record.elapsed is not None else "",
        f"{record.step:.0f}" if record.step is not None else "",
        f"{record.epoch:.4g}" if record.epoch is not None else "",
    )
    line: Line = [(time, Ink.DIM), (step, Ink.TEXT), (f"{epoch}  ", Ink.DIM)]
    if record.event is not None:
        return line + _event(record.event)
    used = len(time) + len(step) + len(epoch)
    for name, value in record.values:
        if room is not None and used > room:
            break
        told = f"{spelled_number(value):{columns.widths.get(name, 0)}}  "
        used += len(name) + len(told)
        line += [(f"{name}=", Ink.DIM), (told, _ink(value))]
    return line


def text_of(record: LogRecord) -> str:
    """Return the characters of a record's line, which are searched."""
    return "".join(text for text, _ in line_of(record))


def whole_lines(record: LogRecord) -> list[Line]:
    """Return all that a record tells, a name a line; texts of several lines keep them."""
    lines = list(_whole(record))
    if len(lines) <= _MOST_LINES:
        return lines
    left = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], [(f"and {left:,} lines more", Ink.DIM)]]


def _event(event: LogEvent) -> Line:
    glyph, ink = EVENTS.get(event.kind, _OTHER_EVENT)
    told = "  ".join(f"{name}={on_one_line(value)}" for name, value in fields_of(event))
    return [(f"{glyph} {event.kind}  ", ink), (told, Ink.TEXT)]


def _whole(record: LogRecord) -> Iterator[Line]:
    if record.event is not None:
        glyph, ink = EVENTS.get(record.event.kind, _OTHER_EVENT)
        yield [(f"{glyph} {record.event.kind}", ink), (f"  record {record.row:,}", Ink.DIM)]
    else:
        yield [(f"record {record.row:,}", Ink.TITLE)]
    yield []
    if record.step is not None:
        yield _named("step", spelled_number(record.step))
    if record.epoch is not None:
        yield _named("epoch", spelled_number(record.epoch))
    if record.time is not None:
        yield _named("time", _date(record.time))
    if record.elapsed is not None:
        yield _named("after the first", duration(record.elapsed))
    yield []
    if record.event is not None:
        for name, value in fields_of(record.event):
            yield from _field(name, value)
    for name, value in record.values:
        yield [
            (f"{name:{_NAME}}  ", Ink.DIM),
            (repr(value) if isfinite(value) else spelled_number(value), _ink(value)),
        ]
    if not record.values and record.event is None:
        yield [("none of its values is kept: the older part of a long log is reduced", Ink.DIM)]


def _field(name: str, value: Any, depth: int = 0) -> Iterator[Line]:  # noqa: ANN401 - an event may hold any JSON value
    indent = "  " * depth
    if isinstance(value, Mapping) and value and depth < _NESTED:
        yield [(f"{indent}{name}", Ink.DIM)]
        for key, item in value.items():
            yield from _field(key, item, depth + 1)
    elif isinstance(value, str) and "\n" in value:
        yield [(f"{indent}{name}", Ink.DIM)]
        for line in value.split("\n"):
            yield [(f"{indent}  {line}", Ink.TEXT)]
    else:
        yield [(f"{indent + name:{_NAME}}  ", Ink.DIM), (on_one_line(value), Ink.TEXT)]


def _named(name: str, words: str) -> Line:
    return [(f"{name:{_NAME}}  ", Ink.DIM), (words, Ink.STRONG)]


def _ink(value: float) -> Ink:
    return Ink.TEXT if isfinite(value) else Ink.ERROR


def _clock(seconds: float) -> str:
    """Return a time since the first record as a clock shows it.

    >>> _clock(3_725.9), _clock(-1.0)
    ('1:02:05', '-0:00:01')
    """
    minutes, second = divmod(int(abs(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hours}:{minute:02d}:{second:02d}"


def _date(time: float) -> str:
    """Return a time of day; in UTC, since the run may be anywhere."""
    try:
        return f"{datetime.fromtimestamp(time, UTC):%F %T} UTC"
    except (OverflowError, ValueError, OSError):
        return spelled_number(time)
