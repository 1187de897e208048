"""The norm of an optimizer's gradients, left on their device."""

import torch
from torch import Tensor
from torch.optim import Optimizer

from trainmon.writer.watching.norms import norms


@torch.no_grad()
def grad_norm(optimizer: Optimizer) -> Tensor | None:
    """Return the 2-norm of all gradients as a 0-d float32 tensor; nothing is waited for.

    Of sharded gradients it is that of this process's shards: their whole norm would take an
    exchange between processes. None if there are no gradients.
    """
    parameters = (p for group in optimizer.param_groups for p in group["params"])
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return None
    norm: Tensor = torch.linalg.vector_norm(norms(gradients))
    return norm
