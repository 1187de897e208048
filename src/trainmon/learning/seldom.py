"""Which of many judgements to make: all of the first, then as many for each doubling.

What takes long is asked of an evaluation or a cell only at these numbers, which are the same
however a log was cut into reads.
"""

import numpy as np
from numpy.typing import NDArray

ALL_OF = 64
"""Of the first ones each is judged: a run that goes wrong at once is seen at once."""

_PER_DOUBLING = 32


def is_due(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of some numbers, counted from 1, are to be judged.

    >>> is_due(np.array([1, 63, 65, 66, 129, 132])).tolist()
    [True, True, False, True, False, True]
    """
    doublings = np.floor(np.log2(np.maximum(numbers, 1) / _PER_DOUBLING)).clip(0)
    gaps = np.where(numbers <= ALL_OF, 1, 2**doublings).astype(np.int64)
    return np.asarray(numbers % gaps == 0)
