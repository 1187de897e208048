"""Medians of the short series that rules look at.

`np.median` costs twenty times what sorting does there, and its first call loads masked arrays.
"""

from collections.abc import Sequence

import numpy as np

from trainmon.store.batch import Floats


def median_of(values: Floats | Sequence[float]) -> float:
    """Return the median of one row of values: NaN of none, and where one of them is NaN.

    >>> median_of(np.array([3.0, 1.0, 2.0, 10.0])), median_of(np.array([2.0, np.nan, 1.0]))
    (2.5, nan)
    """
    count = len(values)
    if not count:
        return np.nan
    ordered = np.sort(values)
    upper, last = float(ordered.item(count // 2)), float(ordered.item(-1))
    if last != last:  # noqa: PLR0124 - NaN, which is sorted behind all others
        return last
    return upper if count % 2 else (ordered.item(count // 2 - 1) + upper) / 2


def medians_of(rows: Floats) -> Floats:
    """Return the median of each row of a table of finite values.

    >>> medians_of(np.array([[3.0, 1.0, 2.0], [0.0, 9.0, 1.0]])).tolist()
    [2.0, 1.0]
    """
    half = rows.shape[1] // 2
    parted = np.partition(rows, half, axis=1)
    if rows.shape[1] % 2:
        return np.ascontiguousarray(parted[:, half])
    return np.asarray((parted[:, :half].max(axis=1) + parted[:, half]) / 2)
