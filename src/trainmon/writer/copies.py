"""Values that live on an accelerator, brought to the host without making the training wait.

Asking a tensor on a GPU for its number waits until the GPU has done everything before it. Here it
is copied on the device instead, which only queues a kernel; many copies cross to the host in one
transfer, and their numbers are read when that has arrived.
"""

from collections.abc import Callable
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


def torch_transfer(device: Any) -> Transfer:  # noqa: ANN401 - as above
    """Begin a transfer from a device of torch's."""
    from trainmon.writer.torch_transfer import TorchTransfer  # noqa: PLC0415 - few scripts need it

    return TorchTransfer(device)
