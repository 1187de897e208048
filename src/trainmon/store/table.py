"""Records that have the same keys, as columns of numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from operator import is_, itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.record import KEYS_LIMIT

_Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that stand under one name in some records."""

    name: str
    values: NDArray[np.float64]
    where: NDArray[np.intp] | None = None
    """Which of the records hold them, ascending; None where all do."""


def numbers_of(group: Sequence[_Object]) -> Iterator[Numbers]:
    """Yield the numbers of records that all have the same keys in the same order.

    Names within nested objects are joined with ``/``. Gaps (``null``) and what spells no number
    are left out. At most `KEYS_LIMIT` columns.

    >>> [(each.name, each.values.tolist()) for each in numbers_of([{"val": {"acc": "0.5"}}])]
    [('val/acc', [0.5])]
    """
    names = list(group[0])
    if len(names) > KEYS_LIMIT:
        yield from islice(_column_by_column(group), KEYS_LIMIT)
        return
    flat = chain.from_iterable(map(dict.values, group))
    try:
        table = np.fromiter(flat, np.float64, len(group) * len(names)).reshape(len(group), -1)
    except (TypeError, ValueError, OverflowError):
        yield from islice(_column_by_column(group), KEYS_LIMIT)
        return
    columns = np.ascontiguousarray(table.T)
    # numpy reads both null and "NaN" as NaN.
    gaps = bool(np.isnan(columns).any()) and _has_gap(chain.from_iterable(map(dict.values, group)))
    for name, values in zip(names, columns, strict=True):
        yield (
            _without_gaps(name, list(map(itemgetter(name), group)), values)
            if gaps
            else Numbers(name, values)
        )


def _column_by_column(group: Sequence[_Object]) -> Iterator[Numbers]:
    """Yield the numbers of records of which some values are no plain numbers."""
    levels = [_columns(group, "", None)]
    while levels:
        column = next(levels[-1], None)
        if column is None:
            levels.pop()
            continue
        name, raw, where = column
        try:
            values = np.fromiter(raw, np.float64, len(raw))
        except (TypeError, ValueError, OverflowError):
            numbers = _spelled(name, raw)
            nested = [at for at, value in enumerate(raw) if type(value) is dict]
            if nested:
                inner = np.array(nested, np.intp)
                objects = [raw[at] for at in nested]
                levels.append(
                    _nested(objects, f"{name}/", inner if where is None else where[inner])
                )
        else:
            numbers = _without_gaps(name, raw, values)
        if len(numbers.values):
            yield numbers if where is None else _standing(numbers, where)


_Column = tuple[str, list[Any], NDArray[np.intp] | None]


def _columns(
    group: Sequence[_Object], prefix: str, where: NDArray[np.intp] | None
) -> Iterator[_Column]:
    for name in group[0]:
        yield prefix + name, list(map(itemgetter(name), group)), where


def _nested(objects: Sequence[_Object], prefix: str, where: NDArray[np.intp]) -> Iterator[_Column]:
    """Yield the columns of nested objects, which may differ in their keys."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for at, inner in enumerate(objects):
        groups.setdefault(tuple(inner), []).append(at)
    for places in groups.values():
        yield from _columns([objects[at] for at in places], prefix, where[places])


def _standing(numbers: Numbers, where: NDArray[np.intp]) -> Numbers:
    """Return numbers of some of the records as numbers of all of them."""
    return Numbers(
        numbers.name, numbers.values, where if numbers.where is None else where[numbers.where]
    )


def _without_gaps(name: str, raw: Sequence[Any], values: NDArray[np.float64]) -> Numbers:
    if not (np.isnan(values).any() and _has_gap(raw)):
        return Numbers(name, values)
    where = np.flatnonzero([value is not None for value in raw])
    return Numbers(name, values[where], where)


def _has_gap(values: Iterator[Any] | Sequence[Any]) -> bool:
    return any(map(is_, values, repeat(None)))


def _spelled(name: str, raw: Sequence[Any]) -> Numbers:
    """Return what is or spells a number among any values, one by one."""
    where, values = [], []
    for at, value in enumerate(raw):
        number = number_of(value)
        if number is not None:
            where.append(at)
            values.append(number)
    return Numbers(name, np.array(values, np.float64), np.array(where, np.intp))


_BEGINNINGS = frozenset("0123456789+-.nNiI \t\r\n")
"""What a text that spells a number begins with: to try and fail takes far longer."""


def number_of(value: object) -> float | None:
    """Return the number that a value is or spells, or None; NaN if it is beyond all floats."""
    if isinstance(value, str) and value[:1] not in _BEGINNINGS:
        return None
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except ValueError:
            return None
        except OverflowError:
            return float("nan")
    return None
