"""A console's log as its source reads it: rows by name, and what is told of them."""

from tests.sources.flat import Row, rows_of
from trainmon.source import Framing, Head, Source
from trainmon.sources import choose
from trainmon.tail import LineCutter


def read_console(text: str) -> tuple[list[Row], Source]:
    """Return the rows of a whole log, events left out, and the source that content chose."""
    data = text.encode()
    kind = choose(Head(data, whole=True))
    assert kind is not None
    source = kind()
    cutter = LineCutter()
    parts = [*source.read(data)] if kind.framing is Framing.BYTES else []
    if kind.framing is Framing.LINES:
        for lines in (cutter.cut(data).lines, cutter.finish()):
            parts += source.read(lines) if lines else ()
    rows = rows_of([*parts, *source.finish()])
    return [row for row in rows if "event" not in row], source


def settings_told(text: str) -> dict[str, str]:
    """Return the configuration that a log tells, spelled out."""
    data = text.encode()
    kind = choose(Head(data, whole=True))
    assert kind is not None
    source = kind()
    told: dict[str, str] = {}
    for part in [*source.read(data), *source.finish()]:
        for event in part.batch.events:
            told |= {name: str(value) for name, value in event.fields.items() if name != "event"}
    return told


def steps_of(rows: list[Row]) -> list[float]:
    """Return where the rows stand."""
    return [float(row["place"][0]) for row in rows]


def values_of(rows: list[Row], name: str) -> list[float]:
    """Return a metric's values in the order of the log."""
    return [float(row[name]) for row in rows if name in row]
