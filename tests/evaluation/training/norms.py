"""Norms of gradients, weights and updates, by layer and together."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def together(tensors: Iterable[Tensor]) -> float:
    """Return the joint norm of some tensors; 0 of none."""
    known = list(tensors)
    if not known:
        return 0.0
    return float(torch.linalg.vector_norm(torch.stack(torch._foreach_norm(known))))  # noqa: SLF001 - what torch's own clipping calls


def clip(gradients: list[Tensor], norm: float, limit: float | None) -> None:
    """Scale gradients of a joint norm to at most a limit, in place; what is NaN stays so."""
    if limit is not None and norm > limit:
        torch._foreach_mul_(gradients, limit / (norm + 1e-6))


class Weights:
    """The trainable weights of a model before a step, by name."""

    def __init__(self, model: nn.Module) -> None:
        named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        self._before = {name: (p, p.detach().clone()) for name, p in named}

    def updates(self) -> dict[str, float]:
        """Return ``update_ratio`` and that of each layer: |update| / |weight| of the step since."""
        moved = {name: (now.detach() - was, was) for name, (now, was) in self._before.items()}
        ratios = {"update_ratio": _ratio(moved.values())}
        return ratios | {f"update_ratio/{name}": _ratio([pair]) for name, pair in moved.items()}


def layers(model: nn.Module) -> dict[str, float]:
    """Return the norms of the gradient and of the weights of each parameter, by metric."""
    metrics: dict[str, float] = {}
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            metrics[f"grad_norm/{name}"] = float(parameter.grad.norm())
            metrics[f"weight_norm/{name}"] = float(parameter.detach().norm())
    return metrics


def _ratio(moved: Iterable[tuple[Tensor, Tensor]]) -> float:
    pairs = list(moved)
    weights = together(was for _, was in pairs)
    return together(change for change, _ in pairs) / weights if weights else 0.0
