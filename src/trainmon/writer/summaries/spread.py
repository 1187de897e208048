"""How numbers are distributed: mean, standard deviation and quantiles."""

import numpy as np

from trainmon.writer.summaries.arrays import Array

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""Shares of the numbers that are at or below the values told."""


def spread(values: Array) -> dict[str, object]:
    """Return mean, standard deviation (of the population) and quantiles of finite values.

    >>> spread(np.array([1.0, 3.0]))["std"]
    1.0
    """
    quantiles = np.quantile(values, QUANTILES)
    return {
        "mean": float(values.mean(dtype=np.float64)),
        "std": float(values.std(dtype=np.float64)),
        "quantiles": {
            "shares": list(QUANTILES),
            "values": [float(value) for value in quantiles],
        },
    }
