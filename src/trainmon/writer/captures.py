"""Keeps a transfer from spoiling the capture of a CUDA graph, and the training with it.

While any thread captures, the driver takes some calls of all threads for unsafe, such as asking
whether an event has happened, and breaks the capture off. A thread in the relaxed mode may call
them: none of its work is meant to be captured. See cuThreadExchangeStreamCaptureMode in
https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__STREAM.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CDLL, byref, c_int
from functools import cache
from typing import Any

_RELAXED = 2
"""CU_STREAM_CAPTURE_MODE_RELAXED, in every version of the driver."""

Exchange = Callable[[Any], object]
"""Swaps this thread's mode with the one in the C integer that it is given the address of."""


@cache
def of_the_driver() -> Exchange | None:
    """Return the driver's own exchange; None without a driver, or with one that has none."""
    try:
        exchange: Exchange = CDLL("libcuda.so.1").cuThreadExchangeStreamCaptureMode
    except (OSError, AttributeError):
        return None
    return exchange


@contextmanager
def apart_from_captures(exchange: Exchange | None) -> Iterator[None]:
    """Put this thread into the relaxed mode for a ``with`` block; costs 2 us.

    >>> def exchange(mode):
    ...     print("exchange")
    >>> with apart_from_captures(exchange):
    ...     print("ask the device")
    exchange
    ask the device
    exchange
    """
    if exchange is None:
        yield
        return
    mode = c_int(_RELAXED)
    exchange(byref(mode))
    try:
        yield
    finally:
        exchange(byref(mode))
