"""Looks for the module in which the first value became NaN or infinite."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import nn

from trainmon.record import spell
from trainmon.writer.watching.hook import Hook
from trainmon.writer.watching.layers import without_wrappers
from trainmon.writer.watching.tensors import tensors_in

if TYPE_CHECKING:  # needed by annotations alone
    from torch.utils.hooks import RemovableHandle

PASSES = 3
"""Forward passes searched: what a batch did is over by the next one, what weights do comes again
at once."""

Found = Callable[[Mapping[str, object]], None]
"""Gets the fields of an event that says what was found."""


class Search:
    """Hooks on all modules of a model, for a few forward passes in training.

    Inner modules end before those around them, so the first whose output is not finite, though all
    that it got was, is the innermost one in which it arose. Each check waits for a GPU.
    """

    def __init__(self, model: nn.Module, found: Found, failed: Callable[[Exception], None]) -> None:
        self._found = found
        self._passes_left = PASSES
        self._handles: list[RemovableHandle] = [
            module.register_forward_hook(Hook(partial(self._look, name), failed), with_kwargs=True)
            for name, module in model.named_modules()
        ]

    def next_pass(self) -> bool:
        """Take note that a forward pass begins; return whether it is one to be searched."""
        if self._handles and self._passes_left:
            self._passes_left -= 1
            return True
        self.close()
        return False

    def close(self) -> None:
        """Search no more."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _look(
        self, name: str, module: nn.Module, inputs: object, named_inputs: object, output: object
    ) -> None:
        if not self._handles or not torch.is_grad_enabled():
            return
        value = _first_non_finite(output)
        if value is None or _first_non_finite((inputs, named_inputs)) is not None:
            return
        self.close()
        kind = type(module).__name__
        told = {"module": without_wrappers(name) or kind, "kind": kind, "value": spell(value)}
        self._found({"where": "activation", **told})


@torch.no_grad()
def _first_non_finite(value: object) -> float | None:
    for tensor in tensors_in(value).values():
        values = tensor.abs() if tensor.is_complex() else tensor
        bad = values[~torch.isfinite(values)]
        if bad.numel():
            return float(bad[0].item())
    return None
