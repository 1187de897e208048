"""Evenly spaced numbers of a large tensor, taken where it is, so that little leaves its device."""

from collections.abc import Sequence
from math import ceil, prod


def steps(shape: Sequence[int], limit: float, kept: int | None = None) -> tuple[slice, ...]:
    """Return slices that leave at most about `limit` elements of a tensor of this shape.

    All axes but `kept` are thinned alike, at least one element staying of each. The same tensor
    is thinned to the same elements each time.

    >>> steps((256, 3, 224, 224), 300_000, kept=1)
    (slice(None, None, 6), slice(None, None, None), slice(None, None, 5), slice(None, None, 5))
    """
    excess = prod(shape) / max(limit, 1)
    thinned = [axis for axis in range(len(shape)) if axis != kept]
    slices = [slice(None)] * len(shape)
    for done, axis in enumerate(thinned):
        step = min(ceil(max(excess, 1) ** (1 / (len(thinned) - done))), max(shape[axis], 1))
        slices[axis] = slice(None, None, step)
        excess /= step
    return tuple(slices)
