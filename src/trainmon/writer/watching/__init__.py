"""What happens inside a model in training: gradients, weights, and what first became NaN.

Its modules import torch, so they are loaded by ``log.watch(model, optimizer)`` alone.
"""

from trainmon.writer.watching.watch import Watch

__all__ = ["Watch"]
