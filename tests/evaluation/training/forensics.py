"""What the writer's watch tells of the first loss that is not a number."""

from collections.abc import Mapping
from math import isnan

import torch
from torch import Tensor, nn

from tests.evaluation.training.task import Split
from trainmon.record import spell


def of_the_loss(
    loss: float, model: nn.Module, batch: Split, index: int, epoch: int
) -> Mapping[str, object]:
    """Return the fields of the event at the step of that loss, whose batch is told."""
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    affected = [name for name, grad in gradients.items() if not bool(grad.isfinite().all())]
    parts = (batch.inputs, batch.targets)
    ranges = {str(number): _range(part.float()) for number, part in enumerate(parts)}
    return {
        "where": "loss",
        "metric": "train/loss",
        "value": spell(loss),
        **_counts(affected, model),
        "batch": {"index": index, "epoch": epoch, "ranges": ranges},
    }


def of_the_weights(model: nn.Module, onset: int) -> Mapping[str, object] | None:
    """Return the fields of the event that tells which weights are ruined; None if none are."""
    named = model.named_parameters()
    ruined = [name for name, p in named if not bool(p.detach().isfinite().all())]
    if not ruined:
        return None
    return {"where": "parameter", **_counts(ruined, model), "onset_step": onset}


def _counts(affected: list[str], model: nn.Module) -> dict[str, object]:
    every = len(list(model.parameters()))
    return {"parameters_affected": len(affected), "parameters": every, "affected": affected[:8]}


def _range(values: Tensor) -> dict[str, object]:
    """Return what is told of one tensor of a batch: its extremes, and the rows with NaN."""
    finite = values[values.isfinite()]
    known = finite if len(finite) else torch.zeros(1)
    bad = (~values.isfinite()).flatten(1).any(1) if values.dim() > 1 else ~values.isfinite()
    told: dict[str, object] = {
        "shape": list(values.shape),
        "min": float(known.min()),
        "max": float(known.max()),
        "mean": float(known.mean()),
        "nan": sum(map(isnan, values.flatten().tolist())),
    }
    rows = bad.nonzero().flatten().tolist()
    return told | ({"rows": rows} if rows else {})
