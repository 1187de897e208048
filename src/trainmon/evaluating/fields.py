"""Numbers, counts and shares in the fields of events, which anybody may have written."""

from collections.abc import Mapping, Sequence
from math import isfinite

from trainmon.store.table import number_of

CLASSES_LIMIT = 1_000
"""Classes of which counts and shares are read: the writer tells no more."""

Counts = tuple[int, ...]
Shares = tuple[float, ...]

_SUM_SLACK = 0.02
"""How far from 1 shares may add up that were rounded to two digits."""

_EXACT = 1e15
"""Counts beyond it are no counts, and not all of them have a float."""


def number(value: object) -> float | None:
    """Return a finite number, also one that a text spells; None for all else.

    >>> number(3), number("0.5"), number("NaN"), number(True)
    (3.0, 0.5, None, None)
    """
    told = None if isinstance(value, bool) else number_of(value)
    return told if told is not None and isfinite(told) else None


def count(value: object) -> int | None:
    """Return a count: whole and not negative.

    >>> count(5.0), count(-1), count(0.5)
    (5, None, None)
    """
    told = number(value)
    return int(told) if told is not None and 0 <= told < _EXACT and told == int(told) else None


def share(value: object) -> float | None:
    """Return a share from 0 to 1.

    >>> share(0.5), share(50)
    (0.5, None)
    """
    told = number(value)
    return told if told is not None and 0 <= told <= 1 else None


def shares(value: object) -> Shares:
    """Return shares that add up to 1, from a list, or from an object by class in its order.

    >>> shares([0.25, 0.75]), shares({"cat": 0.4, "dog": 0.6}), shares([0.2, "x"])
    ((0.25, 0.75), (0.4, 0.6), ())
    """
    known = several_shares(value)
    return known if len(known) > 1 and abs(sum(known) - 1) <= _SUM_SLACK else ()


def several_shares(value: object) -> Shares:
    """Return shares that need not add up to 1, as those of labels, which exclude nothing.

    >>> several_shares([0.5, 0.75]), several_shares([0.5, 2.0])
    ((0.5, 0.75), ())
    """
    several = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(several, list) or not 0 < len(several) <= CLASSES_LIMIT:
        return ()
    told = [share(item) for item in several]
    known = tuple(item for item in told if item is not None)
    return known if len(known) == len(told) else ()


def square(value: object) -> tuple[Counts, ...]:
    """Return a square table of counts that are not all 0; empty if it is none.

    >>> square([[5, 1], [0, 4]]), square([[1, 2]])
    (((5, 1), (0, 4)), ())
    """
    if not isinstance(value, list) or not 1 < len(value) <= CLASSES_LIMIT:
        return ()
    rows = []
    for row in value:
        told = [count(cell) for cell in row] if isinstance(row, list) else []
        known = tuple(cell for cell in told if cell is not None)
        if len(known) != len(value) or len(told) != len(value):
            return ()
        rows.append(known)
    return tuple(rows) if any(map(any, rows)) else ()


def numbers(fields: object, names: Sequence[str] | None = None) -> dict[str, float]:
    """Return the finite numbers of an object by name: all, or those of some names.

    >>> numbers({"f1": 0.0, "note": "x"})
    {'f1': 0.0}
    """
    if not isinstance(fields, Mapping):
        return {}
    told = {str(name): number(fields.get(name)) for name in (names or fields)}
    return {name: value for name, value in told.items() if value is not None}


def normalised(counts: Sequence[float]) -> Shares:
    """Return counts as shares of their sum; empty where that is 0.

    >>> normalised([1, 3])
    (0.25, 0.75)
    """
    total = sum(counts)
    return tuple(part / total for part in counts) if total > 0 else ()
