"""The metrics of each layer, as one vector that crosses to the host at once."""

import torch

from trainmon.writer.draft import Several
from trainmon.writer.watching.gradients import GradientNorms
from trainmon.writer.watching.layers import named
from trainmon.writer.watching.norms import combined, norms
from trainmon.writer.watching.updates import Weights


@torch.no_grad()
def layer_metrics(gradients: GradientNorms, before: Weights | None, name: str) -> Several:
    """Return the norms of gradients and weights by layer, and the update ratios if known.

    `before` holds the weights before the step that has just been made; `name` is the watch's.
    """
    parameters = gradients.parameters
    layers = parameters.layers
    names = [f"grad_norm/{layer}" for layer in layers]
    names += [f"weight_norm/{layer}" for layer in layers]
    weights = combined(norms(parameters.tensors), parameters.sizes)
    values = [combined(gradients.each, parameters.sizes), weights]
    if before is not None:
        names += ["update_ratio", *(f"update_ratio/{it}" for it in before.parameters.layers)]
        values.append(before.ratios())
    together = torch.cat([each.to(values[0].device) for each in values])
    return Several([named(metric, name) for metric in names], together)
