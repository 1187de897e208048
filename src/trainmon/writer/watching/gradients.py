"""The norms of a model's gradients, measured whenever a backward pass has ended."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from trainmon.writer.watching.norms import are_of_one_kind, norms, norms_of_one_kind, number
from trainmon.writer.watching.parameters import Parameters


@dataclass(frozen=True)
class GradientNorms:
    """The norms of the gradients that there were, on the device that has them."""

    parameters: Parameters
    """Those that have a gradient."""
    each: Tensor
    """The norm of each parameter's gradient: 1-D, float32."""

    @cached_property
    def whole(self) -> float | Tensor:
        """The norm of all gradients as one vector: a number, or 0-d on a device."""
        return number(torch.linalg.vector_norm(self.each))


class Gradients:
    """Measures the gradients of a model's parameters; one thread at a time."""

    def __init__(self, parameters: Parameters) -> None:
        self._all = parameters
        self._present: list[bool] = []
        self._having = parameters
        self._of_one_kind = False

    @torch.no_grad()
    def norms(self, scale: Tensor | None = None) -> GradientNorms | None:
        """Return the norms as they are now, divided by `scale`; None if there is no gradient."""
        found = [parameter.grad for parameter in self._all.tensors]
        gradients = [gradient for gradient in found if gradient is not None]
        if not gradients:
            return None
        present = [gradient is not None for gradient in found]
        if present != self._present:
            places = [place for place, is_there in enumerate(present) if is_there]
            self._present, self._having = present, self._all.at(places)
            self._of_one_kind = are_of_one_kind(gradients)
        each = self._norms(gradients)
        return GradientNorms(self._having, each if scale is None else each / scale.to(each.device))

    def _norms(self, gradients: list[Tensor]) -> Tensor:
        if self._of_one_kind:
            try:
                return norms_of_one_kind(gradients)
            except RuntimeError:  # one has become sparse since they were looked at
                self._of_one_kind = False
        return norms(gradients)
