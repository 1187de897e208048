"""What a source made of a log as plain rows, to compare two readings of it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from trainmon.source import Framing, Part, Source
from trainmon.tail import LineCutter

Row = dict[str, Any]

_UNSIGNED = 0.0
"""What makes -0.0 the 0.0 that it equals: parsers of numbers differ in keeping its sign."""


def rows_of(parts: Iterable[Part]) -> list[Row]:
    """Return every record: its run, its position, its values and its event, NaN spelled out."""
    rows: list[Row] = []
    run = 0
    for part in parts:
        if part.fresh:
            rows.clear()
        run += part.begins_run
        batch = part.batch
        new: list[Row] = [
            {"run": run, "place": tuple(map(str, place))}
            for place in zip(
                batch.steps + _UNSIGNED,
                batch.epochs + _UNSIGNED,
                batch.times + _UNSIGNED,
                strict=True,
            )
        ]
        for name, samples in batch.samples.items():
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
                new[row][name] = str(value + _UNSIGNED)
        for event in batch.events:
            new[event.row]["event"] = (event.kind, str(dict(event.fields)))
        rows += new
    return rows


def skipped_of(parts: Iterable[Part]) -> dict[str, int]:
    """Return how much was skipped in all, by reason."""
    total: dict[str, int] = {}
    for part in parts:
        for reason, count in part.skipped.items():
            total[reason] = total.get(reason, 0) + count
    return total


def read_in_pieces(kind: type[Source], data: bytes, sizes: Iterator[int], path: Path) -> list[Part]:
    """Return what a source makes of data that arrives in pieces, framed as it asks for."""
    source = kind(path)
    if kind.framing is Framing.DOCUMENT:
        return [*source.read(data), *source.finish()]
    parts: list[Part] = []
    cutter = LineCutter()
    place = 0
    while place < len(data):
        piece = data[place : place + next(sizes)]
        place += len(piece)
        if kind.framing is Framing.LINES:
            piece = cutter.cut(piece).lines
        parts += source.read(piece) if piece else ()
    last = cutter.finish() if kind.framing is Framing.LINES else b""
    parts += source.read(last) if last else ()
    return [*parts, *source.finish()]


def monotone(part: Part) -> bool:
    """Return whether the rows of all samples stand in order and within the batch."""
    return all(
        len(samples) == 0
        or (
            samples.rows[0] >= 0
            and samples.rows[-1] < part.batch.n_rows
            and bool(np.all(np.diff(samples.rows) > 0))
        )
        for samples in part.batch.samples.values()
    )


def all_of(parts: Sequence[Part]) -> tuple[list[Row], dict[str, int]]:
    """Return the rows and what was skipped."""
    return rows_of(parts), skipped_of(parts)
