"""Hashes of rows of numbers: their sums, weighted with random numbers, modulo 2 ** 64.

Their upper bits are evenly spread, and two rows agree with a chance of about 2 ** -63 (multilinear
hashing: D. Lemire, O. Kaser, Strongly universal string hashing is fast, Computer Journal 57, 2014).
Numbers that equal the padding add nothing: a row has the same hash, however far it is padded, and
one of nothing else has the hash 0.
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.signedinteger[Any]]
"""The numbers of a batch by their bits, as signed integers of the same width: rows x numbers."""

Hashes = NDArray[np.uint64]
"""One for each row."""

MOST_NUMBERS: Final = 4_096
"""Numbers of one row that are weighed at most: 16 kB of float32 tell any two samples apart."""

_SEED = 0
"""The weights are the same in every process, so that a batch has the same hash in all runs."""

_BITS = 64
_HALF = 32


def _random_weights() -> NDArray[np.int64]:
    random = Random(_SEED)  # noqa: S311 - no secret; and the script's own generators are let alone
    # Odd, so that no single number can change without the sum.
    return np.array(
        [random.getrandbits(_BITS - 1) | 1 for _ in range(MOST_NUMBERS)], dtype=np.int64
    )


_WEIGHTS: Final = _random_weights()


class RowWeighing:
    """Hashes rows by all of their numbers; costs 2 us for 16 rows of 64.

    >>> rows = np.array([[5, 7, 1], [7, 5, 1], [5, 7, 1]])
    >>> one, other, again = RowWeighing(3, padding=1)(rows)
    >>> one == again, one == other, one == RowWeighing(2, padding=1)(rows[:1, :2])[0]
    (np.True_, np.False_, np.True_)
    """

    __slots__ = ("_folds", "_shift", "_weights")

    def __init__(self, width: int, *, padding: int = 0, folds: bool = False) -> None:
        """Hash rows of `width` numbers; `folds` mixes the two halves of 64-bit ones.

        Small whole numbers as float64 have zeros alone in their lower half, and their products
        would differ in few bits.
        """
        self._weights = _WEIGHTS[:width]
        self._folds = folds
        self._shift = _shift(self._weights, padding)

    def __call__(self, rows: Integers) -> Hashes:
        """Return one hash per row."""
        if self._folds:
            rows = rows ^ (rows >> _HALF)
        return _shifted(rows @ self._weights, self._shift)


class ColumnWeighing:
    """Hashes rows by the numbers in a few columns; costs 1 us for each of them with 256 rows."""

    __slots__ = ("_shift", "_weighed")

    def __init__(self, columns: Sequence[int], width: int, *, padding: int = 0) -> None:
        """Hash rows of `width` numbers, of which columns that are not there count as padding."""
        self._weighed = [
            (column, weight)
            for column, weight in zip(columns, _WEIGHTS, strict=False)
            if column < width
        ]
        self._shift = _shift((weight for _, weight in self._weighed), padding)

    def __call__(self, rows: Integers) -> Hashes:
        """Return one hash per row."""
        total: NDArray[np.int64] | None = None
        for column, weight in self._weighed:
            product = rows[:, column] * weight
            if total is None:
                total = product
            else:
                total += product
        if total is None:
            return np.zeros(len(rows), dtype=np.uint64)
        return _shifted(total, self._shift)


def _shift(weights: Iterable[np.int64], padding: int) -> np.uint64:
    """Return what a row of nothing but padding weighs."""
    return np.uint64(sum(map(int, weights)) * padding % (1 << _BITS))


def _shifted(total: NDArray[np.int64], shift: np.uint64) -> Hashes:
    hashes = total.view(np.uint64)
    return hashes - shift if shift else hashes
