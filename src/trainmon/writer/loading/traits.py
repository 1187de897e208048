"""What the first batch tells of its rows: by which numbers they differ, and where they are padded.

Looked at once per loader, on 64 rows, in about a millisecond.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from trainmon.writer.loading.reader import AlikeError
from trainmon.writer.loading.weighing import MOST_NUMBERS, Integers

_ROWS = 64
"""Rows compared: 2,016 pairs."""

_NUMBERS = 64
"""Numbers by which a row is hashed, where they tell the rows apart; else more: sparse rows agree
in almost any 64."""

_MARGIN = 4
"""Times the numbers that told the first rows apart, where 64 did not: a pass has far more pairs."""

_COLUMNS = 2
"""Columns by which rows are chosen, where they tell at least half of the different rows apart; else
more. One may be a label or a border pixel, the same for most."""

_GOLDEN = 0.618034
"""The golden ratio, whose multiples spread evenly however many one takes."""


@dataclass(frozen=True, slots=True)
class Traits:
    """How to hash the rows of a batch."""

    numbers: int
    """How many of its numbers a row is hashed by, about."""
    stride: int
    """Columns from one of them to the next."""
    columns: tuple[int, ...]
    """Columns by which rows are chosen; none if no few of them tell rows apart."""
    padding: int
    """What fills up short sequences."""
    from_end: bool
    """Whether short rows are padded in front."""
    variety: float
    """The share of the rows that differ."""

    @classmethod
    def of(cls, numbers: Integers, *, sequences: bool) -> Self:
        """Return the traits of rows; of what may be short `sequences`, each number counts.

        Raises `AlikeError` if all rows are the same.
        """
        rows = numbers[:_ROWS]
        count, width = rows.shape
        different = _different(rows, _stride(width, MOST_NUMBERS))
        if different == 1 < count:
            raise AlikeError
        from_end = sequences and width > 1 and _is_padding(rows[:, 0], rows[:, 1])
        if from_end:
            rows = rows[:, ::-1]
        wanted = MOST_NUMBERS if sequences else _wanted(rows, different)
        stride = _stride(width, wanted)
        return cls(
            numbers=min(width // stride, MOST_NUMBERS),
            stride=stride,
            columns=_columns(rows, different),
            padding=_commonest(rows[:, -1])[0] if sequences else 0,
            from_end=from_end,
            variety=different / count,
        )


def _wanted(rows: Integers, different: int) -> int:
    """Return how many numbers, spread evenly, tell all `different` rows apart."""
    wanted = _NUMBERS
    while wanted < MOST_NUMBERS and _different(rows, _stride(rows.shape[1], wanted)) < different:
        wanted *= 2
    return wanted if wanted == _NUMBERS else min(_MARGIN * wanted, MOST_NUMBERS)


def _columns(rows: Integers, different: int) -> tuple[int, ...]:
    """Return a few columns, the most varied ones, that tell at least half of the rows apart."""
    width = rows.shape[1]

    def rank(column: int) -> tuple[int, float]:
        # Among columns that vary as much, no neighbours.
        return -len(set(rows[:, column].tolist())), column * _GOLDEN % 1

    ranked = sorted(range(0, width, _stride(width, _NUMBERS)), key=rank)
    count = _COLUMNS
    while 2 * _different(rows[:, ranked[:count]], 1) < different:
        if count >= len(ranked):
            return ()
        count *= 2
    return tuple(ranked[:count])


def _different(rows: Integers, stride: int) -> int:
    return len({row.tobytes() for row in rows[:, : stride * MOST_NUMBERS : stride]})


def _stride(width: int, wanted: int) -> int:
    return max(1, width // wanted)


def _commonest(column: Integers) -> tuple[int, int]:
    """Return the commonest number of a column, and how often it stands there."""
    values, counts = np.unique(column, return_counts=True)
    index = counts.argmax()
    return int(values[index]), int(counts[index])


def _is_padding(first: Integers, second: Integers) -> bool:
    """Return whether one number fills most of the two outermost columns."""
    (value, count), (inner, inner_count) = _commonest(first), _commonest(second)
    return value == inner and 2 * min(count, inner_count) > len(first)
