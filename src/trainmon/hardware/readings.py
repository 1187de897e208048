"""What a log holds of the machine: the readings of each GPU by name, and their usual values."""

from collections.abc import Mapping
from functools import lru_cache
from statistics import median

import numpy as np

from trainmon.context import Context
from trainmon.digest import Digest
from trainmon.finite import finite
from trainmon.once import once
from trainmon.roles import Role
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows

_SPACE = "sys/"
_GPU = "gpu"
_PERCENT = 1.5
"""A utilisation above it is told in percent: as a share it is 1 at most."""


@once
def gpus(context: Context) -> Mapping[str, Mapping[str, str]]:
    """Return the metrics of each GPU by what they tell: ``gpu0`` -> ``util`` -> ``sys/gpu0/util``.

    Throttle reasons stand as ``throttle/<reason>``. Where a log of another project tells the
    utilisation alone, it is that of the first one.
    """
    found = gpus_in(context.names(Role.SYSTEM))
    return found or _foreign(context.names(Role.UTILISATION))


@lru_cache(maxsize=64)
def gpus_in(names: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """Return the metrics of each GPU among those of the system."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        gpu, _, what = name.removeprefix(_SPACE).partition("/")
        if name.startswith(_SPACE) and what and gpu.removeprefix(_GPU).isdigit():
            found.setdefault(gpu, {})[what] = name
    return found


@lru_cache(maxsize=64)
def _foreign(names: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    util = next((name for name in names if "util" in name.lower()), None)
    return {f"{_GPU}0": {"util": util}} if util else {}


def usual(block: Block, name: str | None, first: int, last: int) -> float | None:
    """Return the median of a metric from one row to another, or its last value before; else None.

    Readings of the machine come at a pace of their own.
    """
    every = block.lane.samples(name)
    begin, start, end = every.positions(block.baseline_row, first, last + 1)
    if end <= begin:
        return None
    start = max(begin, min(start, end - 1), end - _READINGS)
    values = every.values[start:end]
    values = finite(values)
    return median(values.tolist()) if len(values) else None


_READINGS = 256
"""Readings that a median is taken of at most."""


def last_told(block: Block, name: str | None, rows: Rows) -> Floats:
    """Return the last value of a metric at or before each of some rows; NaN where there is none.

    What never changes may be logged once.
    """
    every = block.lane.samples(name)
    if not len(every):
        return np.full(len(rows), np.nan)
    places = np.searchsorted(every.rows, rows, side="right") - 1
    return np.where(places >= 0, every.values[places], np.nan)


def cells_at(digest: Digest, rows: Rows) -> Rows:
    """Return the place of the last cell that was complete at each of some rows; -1 if none was."""
    return np.asarray(np.searchsorted(digest.rows, rows, side="right") - 1, np.int32)


def at_cells(values: Floats, places: Rows) -> Floats:
    """Return the values of cells at some places, NaN at -1."""
    if not len(values):
        return np.full(len(places), np.nan)
    return np.where(places >= 0, values[places], np.nan)


def as_share(values: Floats) -> Floats:
    """Return utilisations as shares, which some tell in percent.

    >>> as_share(np.array([0.9, 1.0])).tolist(), as_share(np.array([90.0, 45.0])).tolist()
    ([0.9, 1.0], [0.9, 0.45])
    """
    if not len(values) or np.maximum.reduce(values) <= _PERCENT:  # false of NaN
        return values
    return np.where(values > _PERCENT, values / 100, values)
