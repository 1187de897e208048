"""What one optimizer step is known by: loss, learning rates and gradient norms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor

from trainmon.integrations.lightning.grad_norm import grad_norm

if TYPE_CHECKING:
    from torch.optim import Optimizer


class StepValues:
    """Collects the values of a step over the batches whose gradients it accumulates.

    `sharded` tells whether this process holds but a part of each gradient.
    """

    def __init__(self, *, sharded: bool = False) -> None:
        self._norm_name = "grad_norm/local_shard" if sharded else "grad_norm"
        self._rates: dict[str, object] = {}
        self._norms: dict[int, Tensor] = {}
        self._loss: Tensor | None = None
        self._losses = 0

    def begin(self, rates: dict[str, object]) -> None:
        """Begin a batch, for which these learning rates are set."""
        self._rates = rates

    def add_norm(self, optimizer: "Optimizer", place: int) -> None:
        """Add the gradient norm of the optimizer at this place among those that train."""
        norm = grad_norm(optimizer)
        if norm is not None:
            self._norms[place] = norm

    def add_loss(self, outputs: Tensor | Mapping[str, object] | None) -> None:
        """Add the loss of a batch, from what the training step made; it may have made none."""
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, Tensor):
            self._loss = loss.detach() if self._loss is None else self._loss + loss.detach()
            self._losses += 1

    def take(self, accumulated: int) -> dict[str, object]:
        """Return the values of the step, and begin the next; Lightning `accumulated` that many.

        The loss is the mean over the batches, each of whose losses Lightning has divided by
        `accumulated`, also where an epoch ends with fewer.
        """
        values: dict[str, object] = {}
        if self._loss is not None:
            values["train/loss"] = self._loss * (accumulated / self._losses)
        values |= self._rates
        if len(self._norms) == 1:
            (values[self._norm_name],) = self._norms.values()
        else:
            values |= {f"{self._norm_name}/optimizer{n}": norm for n, norm in self._norms.items()}
        self._norms, self._loss, self._losses = {}, None, 0
        return values
