"""Values on a device of torch's, brought to the host beside what the training does there."""

import sys
from math import prod
from typing import Any

from trainmon.writer.captures import apart_from_captures, of_the_driver
from trainmon.writer.scalar import NotOneNumberError


class TorchTransfer:
    """A transfer from a device of torch's: CUDA, ROCm, XPU; also MPS, XLA and others.

    Those without streams that can be asked are waited for when the values are read.
    """

    def __init__(self, device: Any, module: Any = None) -> None:  # noqa: ANN401 - torch is not imported here
        """Begin one from `device`; `module` has its streams and events, as ``torch.cuda`` does."""
        # Whoever has a tensor has imported torch.
        self._torch: Any = sys.modules["torch"]
        self._module: Any = module or getattr(self._torch, device.type, None)
        self._device = device
        # Doubles hold whatever is logged, counts of samples too; Apple's GPUs have none.
        self._dtype = self._torch.float32 if device.type == "mps" else self._torch.float64
        self._copies: list[Any] = []
        self._streams: list[Any] = []
        self._size = 0
        self._joined: Any = None
        self._arrived: Any = None
        self._exchange = of_the_driver() if device.type == "cuda" else None

    def add(self, tensor: Any) -> int:  # noqa: ANN401 - as above
        """Queue a copy on the stream that computes the tensor: it may be overwritten after it.

        Raises `NotOneNumberError` if the tensor has no value, or one that is no number.
        """
        if tensor.is_complex():
            raise NotOneNumberError("is complex; log its real part or magnitude")
        if getattr(self._module, "is_current_stream_capturing", _never)():
            raise NotOneNumberError("is part of a CUDA graph; log it where the graph is replayed")
        if hasattr(self._module, "current_stream"):
            stream = self._module.current_stream(self._device)
            if stream not in self._streams:
                self._streams.append(stream)
        copied = tensor.detach().reshape(-1).to(self._dtype, copy=True)
        size = prod(tensor.shape)
        # No call between these: the handler of a signal that adds its own waits until after them.
        before = self._size
        self._size = before + size
        self._copies.append(copied)
        return before

    def send(self) -> None:
        """Join the copies and queue their way to the host's pinned memory."""
        if not self._streams:
            self._joined = self._torch.cat(self._copies)
        else:
            with apart_from_captures(self._exchange):
                self._send_from_stream()
        self._copies = []

    def ready(self) -> bool:
        """Ask the event behind the transfer."""
        if self._arrived is None:
            return True
        with apart_from_captures(self._exchange):
            arrived: bool = self._arrived.query()
        return arrived

    def values(self) -> list[float]:
        """Wait for the event behind the transfer, if need be."""
        if self._arrived is not None:
            with apart_from_captures(self._exchange):
                self._arrived.synchronize()
        values: list[float] = self._joined.tolist()
        return values

    def _send_from_stream(self) -> None:
        # With several the join needs one of its own: none of the training's waits for another.
        several = len(self._streams) > 1
        stream = self._module.Stream(self._device) if several else self._streams[0]
        with self._module.stream(stream):
            if several:
                for other in self._streams:
                    stream.wait_stream(other)
                for copied in self._copies:  # memory of one stream that another one reads
                    copied.record_stream(stream)
            self._joined = self._torch.cat(self._copies).to("cpu", non_blocking=True)
            self._arrived = self._module.Event()
            self._arrived.record(stream)


def _never() -> bool:
    return False
