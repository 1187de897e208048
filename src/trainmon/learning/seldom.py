"""Which of many judgements to make: all of the first, then as many for each doubling.

What takes long is asked of an evaluation or a cell only at these numbers, which are the same
however a log was cut into reads.
"""

import numpy as np
from numpy.typing import NDArray

from trainmon.store.batch import Rows

ALL_OF = 64
"""Of the first evaluations each is judged: a run that goes wrong at once is seen at once."""

CELLS = 16
"""Of the first cells of a training loss, likewise: 128 records."""


def is_due(numbers: NDArray[np.int64], all_of: int = ALL_OF) -> NDArray[np.bool_]:
    """Return which of some numbers, counted from 1, are to be judged.

    It is each of the first `all_of`, and half as many for each doubling.

    >>> is_due(np.array([1, 63, 65, 66, 129, 132])).tolist()
    [True, True, False, True, False, True]
    """
    if not len(numbers) or numbers[-1] <= all_of:
        return np.ones(len(numbers), bool)
    if len(numbers) <= _FEW:
        return np.array([number % _gap(number, all_of) == 0 for number in numbers.tolist()])
    doublings = np.floor(np.log2(np.maximum(numbers, 1) / (all_of // 2))).clip(0)
    gaps = np.where(numbers <= all_of, 1, 2**doublings).astype(np.int64)
    return np.asarray(numbers % gaps == 0)


def due(rows: Rows, first: int, all_of: int = ALL_OF) -> list[tuple[int, int]]:
    """Return those of some rows that are to be judged, with their numbers, from `first` on.

    >>> due(np.array([10, 20, 30], np.int32), 64)
    [(10, 64), (30, 66)]
    """
    if len(rows) <= _FEW:
        numbered = enumerate(rows.tolist(), first)
        return [(row, number) for number, row in numbered if number % _gap(number, all_of) == 0]
    numbers = np.arange(first, first + len(rows))
    wanted = is_due(numbers, all_of)
    return list(zip(rows[wanted].tolist(), numbers[wanted].tolist(), strict=True))


_FEW = 16
"""Numbers, as a live log brings them, for which Python is quicker than numpy."""


def _gap(number: int, all_of: int) -> int:
    return 1 if number <= all_of else 1 << ((number // (all_of // 2)).bit_length() - 1)
