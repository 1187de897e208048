"""Which modules put out NaN in one forward pass, found without waiting for the GPU."""

from collections.abc import Callable, Sequence
from functools import partial
from math import isinf, isnan
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
    """Hooks on the innermost modules of a model, for one step: the extremes of their outputs."""

    def __init__(self, model: nn.Module, failed: Callable[[Exception], None]) -> None:
        self._lowest: dict[str, Tensor] = {}
        self._highest: dict[str, Tensor] = {}
        self._handles: list[RemovableHandle] = [
            module.register_forward_hook(Hook(partial(self._look, name), failed))
            for name, module in model.named_modules()
            if next(module.children(), None) is None
        ]

    def close(self) -> tuple[Sequence[str], Tensor]:
        """Remove the hooks; return modules in the order of the pass, and lows and highs: 1-D."""
        for handle in self._handles:
            handle.remove()
        names = [without_wrappers(name) for name in self._lowest]
        return names, joined([*self._lowest.values(), *self._highest.values()])

    @torch.no_grad()
    def _look(self, name: str, _module: nn.Module, _inputs: object, output: object) -> None:
        for tensor in tensors_in(output).values():
            values = torch.view_as_real(tensor) if tensor.is_complex() else tensor
            if values.is_floating_point() and values.numel():
                low, high = values.amin(), values.amax()  # both are NaN if any value is
                self._lowest[name] = torch.minimum(self._lowest.get(name, low), low)
                self._highest[name] = torch.maximum(self._highest.get(name, high), high)


def nan_among(modules: Sequence[str], extremes: Sequence[float]) -> dict[str, object] | None:
    """Return the fields that tell which of the modules put out NaN first, or None.

    `extremes` are the lowest values of all, then the highest. Infinity alone is no trouble, as
    attention is masked with it; but where it came before, it may be what became NaN.

    >>> nan_among(["stem", "scale", "head"], [-1.0, 0.0, float("nan"), 1.0, float("inf"), 2.0])
    {'module': 'head', 'modules_affected': 1, 'value': 'NaN', 'infinite_before': 'scale'}
    """
    pairs = list(zip(modules, extremes, extremes[len(modules) :], strict=False))
    bad = [module for module, low, _ in pairs if isnan(low)]
    if not bad:
        return None
    told = {"module": bad[0], "modules_affected": len(bad), "value": "NaN"}
    before = pairs[: [module for module, *_ in pairs].index(bad[0])]
    infinite = next((module for module, *ends in before if any(map(isinf, ends))), None)
    return told if infinite is None else {**told, "infinite_before": infinite}
