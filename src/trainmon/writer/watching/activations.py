"""Which modules put out NaN in one forward pass, found without waiting for the GPU."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from trainmon.writer.watching.hook import Hook
from trainmon.writer.watching.layers import without_wrappers
from trainmon.writer.watching.norms import joined
from trainmon.writer.watching.tensors import tensors_in

if TYPE_CHECKING:  # needed by annotations alone
    from torch.utils.hooks import RemovableHandle


class Activations:
    """Hooks on the innermost modules of a model, for one step.

    They look for NaN alone: minus infinity is how attention masks are made.
    """

    def __init__(self, model: nn.Module, failed: Callable[[Exception], None]) -> None:
        self._flags: dict[str, Tensor] = {}
        self._handles: list[RemovableHandle] = [
            module.register_forward_hook(Hook(partial(self._look, name), failed))
            for name, module in model.named_modules()
            if next(module.children(), None) is None
        ]

    def close(self) -> tuple[Sequence[str], Tensor]:
        """Remove the hooks; return modules in the order of the pass, and 1.0 for each with NaN."""
        for handle in self._handles:
            handle.remove()
        names = [without_wrappers(name) for name in self._flags]
        return names, joined(list(self._flags.values()))

    @torch.no_grad()
    def _look(self, name: str, _module: nn.Module, _inputs: object, output: object) -> None:
        for tensor in tensors_in(output).values():
            if tensor.is_floating_point() or tensor.is_complex():
                flag = tensor.isnan().any()
                self._flags[name] = self._flags[name] | flag if name in self._flags else flag
