"""How far one optimizer step moves the weights, relative to their size."""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainmon.writer.watching.norms import combined, norms, shard
from trainmon.writer.watching.parameters import Parameters

_VALUES_LIMIT = 1 << 16
"""Values of one parameter that are compared: the norm of so many tells that of all within 1 %, and
their copies take 256 kB per parameter for the time of one step, however large the model."""

_TINY = 1e-30
"""Stands for the norm of weights that are all zero, before and after: they did not move."""


class Weights:
    """Values of each parameter as they are before a step."""

    @torch.no_grad()
    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._before = _some_of_each(parameters.tensors)

    @torch.no_grad()
    def ratios(self) -> Tensor:
        """Return |update| / |weight| of all weights together, then of each layer: 1-D, float32.

        The weight is the larger of before and after, so that a bias that starts at 0 has 1.
        """
        after = _some_of_each(self.parameters.tensors)
        moved = torch._foreach_sub(after, self._before)  # noqa: SLF001 - as torch's optimizers
        update, then, now = (self._with_whole(norms(t)) for t in (moved, self._before, after))
        return update / torch.maximum(then, now).clamp_min(_TINY)

    def _with_whole(self, each: Tensor) -> Tensor:
        layers = combined(each, self.parameters.sizes)
        return torch.cat([torch.linalg.vector_norm(each).reshape(1), layers])


def _some_of_each(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [_some_of(shard(tensor)) for tensor in tensors]


def _some_of(tensor: Tensor) -> Tensor:
    """Return a 1-D copy of evenly spread values; complex ones as pairs.

    The distance between two is odd, so that they do not run down the same columns.
    """
    values = (torch.view_as_real(tensor) if tensor.is_complex() else tensor).reshape(-1)
    distance = 1 if len(values) <= _VALUES_LIMIT else -(-len(values) // _VALUES_LIMIT) | 1
    return values[::distance].clone()
