"""What happens inside a model in training: gradients, weights, and what first became NaN.

Its modules import torch, so they are loaded by ``log.watch(model, optimizer)`` alone. The way from
torch's hooks to the log::

    a forward pass begins   Forwards ──▶ Lookout ──▶ Activations (sampled steps), Search (trouble)
    a backward pass ends    BackwardEnds ──▶ Watch ──▶ Gradients ──▶ Lookout ──▶ Forensics ──▶ event
    an optimizer steps      Watch ──▶ learning_rates, Scaler, Weights, layer_metrics ──▶ metrics
    a loss is logged        Journal ──▶ Forensics ──▶ event

`Watch` decides when to measure, `Lookout` what to look at more closely, and `Forensics`, to which
a GPU's values come late and perhaps in another thread, what is worth an event.
"""

from trainmon.writer.watching.watch import Watch

__all__ = ["Watch"]
