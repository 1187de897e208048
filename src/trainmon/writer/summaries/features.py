"""The features of one tensor of a batch, and the range that each has."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trainmon.writer.summaries.arrays import Array, array
from trainmon.writer.summaries.batch import Part
from trainmon.writer.summaries.thinning import steps

FEATURE_NUMBERS = 100_000
"""Numbers looked at of one feature: the error of a mean is then 0.3 % of the standard deviation."""

POOLED = "values"
"""The name of what is one feature and has no name of its own."""

_MOMENTS = ("mean", "std", "min", "max")

Range = dict[str, float | None]
"""Moments of the finite numbers, None of none, and counts of those looked at."""


def ranges(
    part: Part, names: Sequence[str] | None, *, limit: int, numbers: int
) -> dict[str, Range]:
    """Return mean, std, min, max and NaN count by name of the first `limit` features of a tensor.

    Of (n, d) each column is a feature; of more dimensions each element of the second or the last
    axis, whichever is shorter: the channels of (n, c, h, w) and (n, c, l), the quantities of
    (n, t, d). Whole numbers but bytes are one feature, being ids or masks, unless `names` has
    one for each column. At most about `numbers` are looked at.
    """
    axis = _feature_axis(part.tensor, names)
    if axis is None:
        columns = _thinned(part.tensor, None, min(FEATURE_NUMBERS, numbers)).reshape(-1, 1)
        own = list(names) if names and len(names) == 1 else [part.name or POOLED]
    else:
        count = int(part.tensor.shape[axis])
        named = names if names and len(names) == count else [str(index) for index in range(count)]
        own = [f"{part.name}/{name}" if part.name else name for name in named[:limit]]
        looked_at = _thinned(part.tensor, axis, min(FEATURE_NUMBERS * count, numbers))
        columns = np.moveaxis(looked_at, axis, -1).reshape(-1, count)[:, :limit]
    return dict(zip(own, _of_columns(columns), strict=True))


def _feature_axis(tensor: Any, names: Sequence[str] | None) -> int | None:  # noqa: ANN401 - of any library
    """Return the axis along which features differ, None if all numbers are one feature."""
    shape = tensor.shape
    last = len(shape) - 1
    if last < 1:
        return None
    for axis in (last, 1):
        if names and shape[axis] == len(names):
            return axis
    kind = str(tensor.dtype)
    if "float" not in kind and "int8" not in kind:  # pixels are bytes
        return None
    return 1 if shape[1] <= shape[last] else last


def _thinned(tensor: Any, axis: int | None, numbers: int) -> Array:  # noqa: ANN401 - of any library
    return array(tensor[steps(tensor.shape, numbers, axis)], "inputs")


def _of_columns(columns: Array) -> list[Range]:
    """Return the range of each column (n, features), over what is finite in it."""
    values = columns.astype(np.float64)
    finite = np.isfinite(values)
    counts = np.count_nonzero(finite, axis=0)
    known = np.maximum(counts, 1)
    mean = np.where(finite, values, 0).sum(axis=0) / known
    std = np.sqrt(np.square(np.where(finite, values - mean, 0)).sum(axis=0) / known)
    low = np.where(finite, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf)
    moments = np.stack((mean, std, low, high)).T.tolist()
    nans = np.count_nonzero(np.isnan(values), axis=0)
    return [
        {
            **dict.fromkeys(_MOMENTS),
            **(dict(zip(_MOMENTS, numbers, strict=True)) if count else {}),
            "nan": int(nan),
            "infinite": int(len(values) - count - nan),
            "looked_at": len(values),
        }
        for numbers, count, nan in zip(moments, counts, nans, strict=True)
    ]
