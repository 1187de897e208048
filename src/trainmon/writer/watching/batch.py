"""Names the batch of one backward pass, and says what was in it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from trainmon.writer.seen import SeenBatch
from trainmon.writer.watching.tensors import tensors_in

_ROWS_LIMIT = 20
"""Samples named of those that hold a value that is not finite: enough to look at by hand."""


@dataclass(frozen=True)
class Batch:
    """What is known of the batch behind a backward pass."""

    number: int
    """Backward passes before it, since the watch began."""
    step: float
    """The step that it is part of, as the script counts them."""
    seen: SeenBatch | None = None
    """The batch as ``log.batches`` handed it out, if the loop uses that."""
    inputs: object = None
    """What the model was called with, while it is at hand."""

    @property
    def content(self) -> object:
        """The batch itself, if it is still there."""
        kept = None if self.seen is None else self.seen.batch
        return self.inputs if kept is None else kept

    def is_finite(self) -> bool:
        """Return whether all its values are finite, while it is at hand; waits for a GPU."""
        return all(bool(tensor.isfinite().all()) for tensor in tensors_in(self.content).values())

    def fields(self) -> dict[str, object]:
        """Return what a ``nonfinite`` event tells of it; waits for a GPU that has its values."""
        seen = self.seen
        batch: dict[str, object] = {"index": self.number if seen is None else seen.index}
        fields: dict[str, object] = {"batch": batch}
        if seen is not None:
            batch |= {"epoch": seen.epoch, "fingerprint": seen.fingerprint}
            if seen.ids is not None:
                fields["samples"] = list(seen.ids)
        ranges = {way: ranges_of(tensor) for way, tensor in tensors_in(self.content).items()}
        if ranges:
            batch["ranges"] = ranges
        return fields


@torch.no_grad()
def ranges_of(tensor: Tensor) -> dict[str, object]:
    """Return shape, min, max and mean of the finite values, and how many are NaN or infinite.

    `rows` lists the samples (places along the first dimension) that hold such a value.

    >>> ranges_of(torch.tensor([[1.0, 3.0], [float("nan"), 2.0]]))
    {'shape': [2, 2], 'min': 1.0, 'max': 3.0, 'mean': 2.0, 'nan': 1, 'rows': [1]}
    """
    found: dict[str, object] = {"shape": list(tensor.shape)}
    if tensor.is_complex():
        tensor = tensor.abs()
    values = tensor.double() if tensor.device.type != "mps" else tensor.float()
    finite = torch.isfinite(values)
    kept = values[finite]
    if kept.numel():
        found |= {"min": kept.min().item(), "max": kept.max().item(), "mean": kept.mean().item()}
    if finite.all():
        return found | {"nan": 0}
    found["nan"] = int(values.isnan().sum())
    if infinite := int(values.isinf().sum()):
        found["infinite"] = infinite
    if values.dim():
        bad = ~finite.reshape(len(values), -1).all(dim=1)
        found["rows"] = bad.nonzero().flatten()[:_ROWS_LIMIT].tolist()
    return found
