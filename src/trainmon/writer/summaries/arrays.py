"""Anything that holds numbers as a numpy array, whatever library it comes from.

Tensors are recognised by what they can do, never by their type: that would import their library.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.floating[Any]]

_NUMBERS = "buif"
"""The kinds of numpy's types that are taken: bool, unsigned, integer, float."""


def array(value: object, what: str) -> Array:
    """Return the numbers of `value` as an array, shared with it where that is possible.

    A tensor is detached, and copied if it is on a device, which waits for it. A list or tuple of
    tensors or arrays, as one collects them batch by batch, is joined along the first axis; 0-d
    ones become one array. Half precision becomes float32.

    Raises `ValueError`, with `what` as the subject, for what holds no real numbers.

    >>> array([[0.1, 0.9], [0.6, 0.4]], "scores").shape
    (2, 2)
    >>> array([np.zeros(64), np.zeros(8)], "scores").shape
    (72,)
    """
    if _is_collected(value):
        found = _joined([array(batch, what) for batch in value], what)
    else:
        found = _one(value, what)
    if found.dtype.kind not in _NUMBERS:
        raise ValueError(f"{what} are {_content(found)}, not numbers")
    return found.astype(np.float32) if found.dtype == np.float16 else found


def floats(values: Array) -> Floats:
    """Return numbers of any type as floating ones.

    >>> floats(np.array([True, False])).tolist()
    [1.0, 0.0]
    """
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _is_collected(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple) and len(value) > 0 and hasattr(value[0], "shape")


def _joined(batches: list[Array], what: str) -> Array:
    try:
        return np.concatenate(batches) if batches[0].ndim else np.stack(batches)
    except ValueError as error:
        raise ValueError(f"the batches of {what} do not go together: {error}") from None


def _one(value: object, what: str) -> Array:
    if value is None or isinstance(value, dict | set | str | bytes):
        raise ValueError(f"{what} are of type {type(value).__name__}, not numbers")
    try:
        return np.asarray(_on_the_host(value))
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{what} cannot be read as an array: {reason}") from error


def _on_the_host(value: Any) -> object:  # noqa: ANN401 - a tensor of any library
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        tensor = value.detach().cpu()
        # numpy has none of torch's narrow types: bfloat16 and the 8-bit floats.
        narrow = tensor.is_floating_point() and tensor.element_size() < np.float32().itemsize
        return (tensor.float() if narrow else tensor).numpy()
    if not hasattr(value, "__array__") and callable(getattr(value, "numpy", None)):
        return value.numpy()
    return value


def _content(found: Array) -> str:
    return {"U": "text", "S": "text", "c": "complex", "O": "objects"}.get(
        found.dtype.kind, f"of type {found.dtype}"
    )
