"""Losses that several tasks have."""

from torch import Tensor
from torch.nn import functional

from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Parts


def of_classes(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the mean cross-entropy of logits (..., classes)."""
    flat = outputs.reshape(-1, outputs.shape[-1])
    smoothing = settings.label_smoothing
    loss = functional.cross_entropy(flat, targets.reshape(-1), label_smoothing=smoothing)
    return {"": loss}


def of_positives(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the mean binary cross-entropy of logits (n,)."""
    del settings
    return {"": functional.binary_cross_entropy_with_logits(outputs, targets.float())}


def of_quantities(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the mean squared error."""
    del settings
    return {"": functional.mse_loss(outputs, targets)}
