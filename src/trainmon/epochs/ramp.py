"""Whether a loss rises within each of some epochs and is back down at the next: data by difficulty.

The shape of an epoch does not tell it, since a smooth change is taken out of each. But batches that
a model sees for the first time cost it less and less: a first epoch in which the loss rises is of
batches that get harder, and a loss that falls at the border and rises again has them in the same
order.
"""

from collections.abc import Sequence

import numpy as np

from trainmon.medians import median_of
from trainmon.store.batch import Floats

_RISES = 1.2
"""Times the first quarter of an epoch that its last one is."""

_BACK = 0.9
"""Of the last quarter of an epoch: below it the next one begins."""

_ALIKE = 0.5
"""Correlation of the losses of an epoch with their places: of 16 by accident once in 40 epochs."""

_PARTS = 4
"""Parts of an epoch whose levels are compared."""


def are_ramps(epochs: Sequence[Floats]) -> bool:
    """Return whether the losses of each epoch rise, and those of the next begin low again.

    >>> sorted_by_size, rng = np.linspace(1, 2, 40), np.random.default_rng(0)
    >>> are_ramps([0.9**n * sorted_by_size + rng.normal(0, 0.05, 40) for n in range(3)])
    True
    >>> are_ramps([rng.permutation(sorted_by_size) for _ in range(3)])
    False
    """
    if any(len(losses) < _PARTS or not np.isfinite(losses).all() for losses in epochs):
        return False
    quarters = [max(1, len(losses) // _PARTS) for losses in epochs]
    begins = [median_of(losses[:n]) for losses, n in zip(epochs, quarters, strict=True)]
    ends = [median_of(losses[-n:]) for losses, n in zip(epochs, quarters, strict=True)]
    if min(begins) <= 0 or any(b < _RISES * a for a, b in zip(begins, ends, strict=True)):
        return False
    if any(begin >= _BACK * end for begin, end in zip(begins[1:], ends[:-1], strict=True)):
        return False
    return all(_rises(losses) >= _ALIKE for losses in epochs)


def _rises(losses: Floats) -> float:
    """Return the correlation of losses with their places."""
    if losses.min() == losses.max():
        return 0.0
    return float(np.corrcoef(np.arange(len(losses)), losses)[0, 1])
