"""What a model and its optimizer tell of the configuration."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.optim import Optimizer

from trainmon.writer.watching.parameters import is_sharded

_OF_OPTIMIZER = ("weight_decay", "betas", "momentum")

_PRECISIONS = {torch.float16: "float16", torch.bfloat16: "bfloat16"}
"""Types of parameters that tell the precision of training. With 32 bits autocast may be at work."""


def facts(model: nn.Module, optimizers: Sequence[Optimizer], *, scaled: bool) -> dict[str, object]:
    """Return the settings that can be read; `scaled` tells whether the loss is."""
    parameters = list(model.parameters())
    kinds = {parameter.dtype for parameter in parameters}
    found: dict[str, object] = {
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trainable_parameters": sum(p.numel() for p in parameters if p.requires_grad),
        "compiled": is_compiled(model),
    }
    if scaled:
        found["precision"] = "float16-mixed"  # no other type needs a scaled loss
    elif len(kinds) == 1 and (precision := _PRECISIONS.get(kinds.pop())):
        found["precision"] = precision
    rates = {m.p for m in model.modules() if isinstance(m, nn.modules.dropout._DropoutNd)}  # noqa: SLF001 - the base of all
    if len(rates) == 1:
        found["dropout"] = rates.pop()
    if is_sharded(model):
        found["grad_norm_of"] = "local shard"
    return found | facts_of_optimizers(optimizers)


def untold(found: Mapping[str, object], told: Mapping[str, object]) -> dict[str, object]:
    """Return what the configuration does not tell, or tells with another number.

    Its own words ("adam", "bf16") are the script's; but a number that differs from the one at work
    is a mistake in one of the two.
    """
    return {
        name: value
        for name, value in found.items()
        if name not in told or not isinstance(value, str | bool)
    }


def is_compiled(model: nn.Module) -> bool:
    """Return whether torch.compile is at work on the model or a part of it."""
    return any(
        "_orig_mod" in module._modules or getattr(module, "_compiled_call_impl", None)  # noqa: SLF001 - told nowhere else
        for module in model.modules()
    )


def facts_of_optimizers(optimizers: Sequence[Optimizer]) -> dict[str, object]:
    """Return the settings that the optimizers tell, the first one's where they are several."""
    if not optimizers:
        return {}
    group = optimizers[0].param_groups[0]
    found = {name: group[name] for name in _OF_OPTIMIZER if name in group}
    if "lr" in group:  # a schedule that is made already has lowered it for its warm-up
        found["lr"] = group.get("initial_lr", group["lr"])
    found["optimizer"] = " + ".join(type(each).__name__ for each in optimizers)
    return found
