"""The finite ones of the values that rules look at, which nearly always are all of them."""

from math import isfinite

import numpy as np

from trainmon.store.batch import Floats


def finite(values: Floats) -> Floats:
    """Return those values that are finite: the very same array where all are, so not to be changed.

    One sum tells it, at a third of the cost of picking them.

    >>> finite(np.array([1.0, np.nan, -np.inf, 2.0])).tolist()
    [1.0, 2.0]
    """
    # Finite values may have no finite sum: then they are picked, and all of them.
    return values if isfinite(np.add.reduce(values)) else values[np.isfinite(values)]
