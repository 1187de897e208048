"""Tensors and arrays in the host's memory as numpy arrays, without a copy and without waiting."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.writer.loading.reader import UnreadableError


def host_array(leaf: Any) -> NDArray[Any]:  # noqa: ANN401 - of any library
    """Return the numbers of `leaf` as an array that shares its memory; costs 1 us.

    Raises `UnreadableError` if they lie on a device, where reading them would wait for it, or are
    no plain block of numbers.
    """
    if isinstance(leaf, np.ndarray):
        return leaf
    on_host = getattr(leaf, "is_cpu", None)  # torch's; other libraries copy what they give away
    if on_host is False:
        raise UnreadableError(f"reading its tensors on {leaf.device} would stall the training")
    if on_host is None:
        raise UnreadableError(f"it holds a {type(leaf).__name__}")
    try:
        return _of_torch(leaf.detach())
    except RuntimeError as error:  # sparse, quantised and wrapped tensors
        raise UnreadableError(f"its tensors cannot be read: {error}") from error


def _of_torch(tensor: Any) -> NDArray[Any]:  # noqa: ANN401 - torch is not imported here
    array: NDArray[Any]
    try:
        array = tensor.numpy()
    except TypeError:  # numpy knows no bfloat16 and no 8-bit floats; their bits do as well
        torch = sys.modules["torch"]
        array = tensor.view(torch.int16 if tensor.element_size() > 1 else torch.int8).numpy()
    return array
