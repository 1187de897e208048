"""Finds weights that are not finite: once they are, so is every output."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from trainmon.writer.watching.layers import module_of, readable
from trainmon.writer.watching.norms import norms
from trainmon.writer.watching.parameters import Parameters

NAMES_LIMIT = 10
"""Affected parameters that are listed: the pattern shows, the count tells the rest."""


@torch.no_grad()
def ruined_parameters(model: nn.Module) -> dict[str, object] | None:
    """Return the fields that tell which weights are not finite, or None; waits for a GPU.

    A parameter is named if it is the only one: of all that an update has ruined, none is the first.
    """
    parameters = Parameters.of(model)
    bad = _those(parameters.names, ~torch.isfinite(norms(parameters.tensors)))
    if not bad:
        return None
    counts = {"parameters_affected": len(bad), "parameters": len(parameters.names)}
    return {"where": "parameter", **_names("parameter", bad), **counts}


@torch.no_grad()
def ruined_buffers(model: nn.Module) -> dict[str, object] | None:
    """Return the same of buffers that hold NaN, such as the running means of normalisation.

    A bad batch ruins those even where its step is skipped, and evaluation is NaN from then on.
    Minus infinity is no trouble: it is there to mask with.
    """
    buffers = {name: each for name, each in model.named_buffers() if each.is_floating_point()}
    bad = _those(readable(list(buffers)), norms(list(buffers.values())).isnan())
    return {"where": "buffer", **_names("buffer", bad)} if bad else None


def _those(names: Sequence[str], bad: Tensor) -> list[str]:
    return [name for name, is_bad in zip(names, bad.tolist(), strict=True) if is_bad]


def _names(kind: str, bad: Sequence[str]) -> dict[str, object]:
    """Return a few names, and the module or the one thing of this `kind` that all of them mean."""
    named: dict[str, object] = {kind: bad[0]} if len(bad) == 1 else {}
    modules = {module_of(name) for name in bad}
    if len(modules) == 1:
        named["module"] = modules.pop()
    return {**named, "affected": list(bad[:NAMES_LIMIT])}
