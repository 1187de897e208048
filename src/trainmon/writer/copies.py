"""Values that live on an accelerator, brought to the host without making the training wait.

Asking a tensor on a GPU for its number waits until the GPU has done everything before it. Here it
is copied on the device instead, which only queues a kernel; many copies cross to the host in one
transfer, and their numbers are read when that has arrived.
"""

import sys
from collections.abc import Callable
from math import prod
from typing import Any, Protocol

_AT_HAND = frozenset({"cpu", "meta"})
"""Types of devices whose values need no transfer: the host's, and the one that holds none."""


class Transfer(Protocol):
    """A batch of values on their way from one device to the host."""

    def add(self, tensor: Any) -> int:  # noqa: ANN401 - a tensor of whatever library
        """Copy the values of `tensor`, without waiting; return how many were added before."""

    def send(self) -> None:
        """Begin the transfer; nothing is added after it."""

    def ready(self) -> bool:
        """Return whether `values` would return at once."""

    def values(self) -> list[float]:
        """Return all values in the order they were added, and wait for them if need be."""


MakeTransfer = Callable[[Any], Transfer]
"""Makes an empty transfer from the device that it is given."""


def device_of(value: object) -> Any | None:  # noqa: ANN401 - a device of whatever library
    """Return the accelerator that `value` lives on, or None if it is at hand.

    >>> device_of(1.5) is None
    True
    """
    device = getattr(value, "device", None)
    return None if getattr(device, "type", "cpu") in _AT_HAND else device


class TorchTransfer:
    """A transfer from a device of torch's: CUDA, ROCm, XPU, MPS."""

    def __init__(self, device: Any) -> None:  # noqa: ANN401 - torch is not imported here
        # Whoever has a tensor has imported torch.
        self._torch: Any = sys.modules["torch"]
        self._module = getattr(self._torch, device.type)
        self._device = device
        # Doubles hold whatever is logged, counts of samples too; Apple's GPUs have none.
        self._dtype = self._torch.float32 if device.type == "mps" else self._torch.float64
        self._copies: list[Any] = []
        self._streams: list[Any] = []
        self._size = 0
        self._host: Any = None
        self._arrived: Any = None

    def add(self, tensor: Any) -> int:  # noqa: ANN401 - as above
        """Queue a copy on the stream that computes the tensor: it may be overwritten after it."""
        if self._module_has_streams and (stream := self._stream()) not in self._streams:
            self._streams.append(stream)
        before = self._size
        self._copies.append(tensor.detach().reshape(-1).to(self._dtype, copy=True))
        self._size += prod(tensor.shape)
        return before

    def send(self) -> None:
        """Join the copies and queue their way to the host's pinned memory."""
        if not self._streams:
            self._host = self._torch.cat(self._copies).to("cpu", non_blocking=True)
        else:
            with self._module.stream(self._streams[0]):
                for other in self._streams[1:]:
                    self._streams[0].wait_stream(other)
                self._host = self._torch.cat(self._copies).to("cpu", non_blocking=True)
                if len(self._streams) > 1:  # memory of one stream that another one still reads
                    for copied in self._copies:
                        copied.record_stream(self._streams[0])
                self._arrived = self._module.Event()
                self._arrived.record(self._streams[0])
        self._copies = []

    def ready(self) -> bool:
        """Ask the event behind the transfer."""
        return self._arrived is None or self._arrived.query()

    def values(self) -> list[float]:
        """Wait for the event behind the transfer, if need be."""
        if self._arrived is not None:
            self._arrived.synchronize()
        values: list[float] = self._host.tolist()
        return values

    @property
    def _module_has_streams(self) -> bool:
        return hasattr(self._module, "current_stream")

    def _stream(self) -> Any:  # noqa: ANN401 - as above
        return self._module.current_stream(self._device)
