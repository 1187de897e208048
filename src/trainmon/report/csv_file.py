"""The series of a run as CSV: one line for each record that holds a number."""

import csv
from collections.abc import Iterator, Sequence
from math import isfinite, isnan
from typing import TextIO

import numpy as np

from trainmon.store.batch import Floats, Samples
from trainmon.store.lane_view import LaneView
from trainmon.text import clean

_PLACES = ("step", "epoch", "time")

_ROWS = 10_000
"""Records that are written at once: bounded memory for a log of any length."""


def write_csv(lane: LaneView, file: TextIO) -> int:
    """Write the records of a lane and return their number.

    A metric that a record does not hold is empty; a value that is not finite is spelled as in the
    log. Text of the log is cleaned, and what a spreadsheet would take for a formula gets a quote.
    """
    writer = csv.writer(file, lineterminator="\n")
    names = [name for name in lane.series if name not in _PLACES]
    writer.writerow([*_PLACES, *map(_heading, names)])
    count = 0
    for start in range(0, lane.n_rows, _ROWS):
        stop = min(start + _ROWS, lane.n_rows)
        lines = _lines(lane, names, start, stop)
        count += len(lines)
        writer.writerows(lines)
    return count


def _lines(lane: LaneView, names: Sequence[str], start: int, stop: int) -> list[list[str]]:
    """Return the cells of the records between two rows that hold a number."""
    places = (lane.steps, lane.epochs, lane.times)
    columns = [list(_spelled_places(column[start:stop])) for column in places]
    held = np.zeros(stop - start, np.bool_)
    for name in names:
        cells, rows = _column(lane.series[name], start, stop)
        columns.append(cells)
        held[rows] = True
    lines = zip(*columns, strict=True)
    return [list(line) for line, holds in zip(lines, held.tolist(), strict=True) if holds]


def _column(samples: Samples, start: int, stop: int) -> tuple[list[str], list[int]]:
    """Return a metric's cells between two rows, and which of them are not empty."""
    first, last = samples.positions(start, stop)
    cells = [""] * (stop - start)
    rows: list[int] = (samples.rows[first:last] - start).tolist()
    for row, value in zip(rows, samples.values[first:last].tolist(), strict=True):
        cells[row] = _spelled(value)
    return cells, rows


def _spelled_places(places: Floats) -> Iterator[str]:
    return ("" if isnan(value) else _spelled(value) for value in places.tolist())


def _spelled(value: float) -> str:
    """Return a number as the log spells it.

    >>> [_spelled(value) for value in (3.0, 0.25, float("nan"), float("-inf"))]
    ['3', '0.25', 'NaN', '-Infinity']
    """
    if isfinite(value):
        return str(int(value)) if value == int(value) and abs(value) < _EXACT else repr(value)
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"


_EXACT = 2.0**53
"""Whole numbers below it are what they seem."""


def _heading(name: str) -> str:
    name = clean(name)
    return f"'{name}" if name[:1] in {"=", "+", "-", "@"} else name
