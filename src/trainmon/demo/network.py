"""A multi-layer perceptron in numpy: logits, cross-entropy, and gradients by backpropagation."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Labels: TypeAlias = NDArray[np.intp]


class Network:
    """Linear layers with ReLUs between them; the training loop owns and changes its parameters.

    `widths` counts the units of each layer, inputs first and classes last.
    """

    def __init__(self, widths: Sequence[int], rng: np.random.Generator) -> None:
        self.parameters: list[Floats] = []
        """Weights (inputs x units) and biases (units) of each layer in turn."""
        for inputs, units in pairwise(widths):
            scale = np.float32(np.sqrt(2 / inputs))  # He et al. 2015: ReLUs keep the variance
            weights = rng.standard_normal((inputs, units), dtype=np.float32) * scale
            self.parameters += [weights, np.zeros(units, dtype=np.float32)]

    def logits(self, inputs: Floats) -> Floats:
        """Return scores of shape (samples, classes)."""
        return self._forward(inputs)[1]

    def loss_and_gradients(self, inputs: Floats, labels: Labels) -> tuple[float, list[Floats]]:
        """Return the mean cross-entropy in nats and its gradients, ordered like `parameters`."""
        entering, logits = self._forward(inputs)
        log_shares = log_softmax(logits)
        error = np.exp(log_shares)  # by the logits the gradient is (softmax - one-hot) / samples
        error[np.arange(len(labels)), labels] -= 1
        error /= np.float32(len(labels))
        gradients: list[Floats] = []
        for below, weights in reversed(list(zip(entering, self.parameters[::2], strict=True))):
            gradients[:0] = [below.T @ error, error.sum(axis=0)]
            error = (error @ weights.T) * (below > 0)  # a ReLU passes on what it let through
        return cross_entropy(log_shares, labels), gradients

    def _forward(self, inputs: Floats) -> tuple[list[Floats], Floats]:
        """Return what enters each layer, and the logits."""
        layers = zip(self.parameters[::2], self.parameters[1::2], strict=True)
        *hidden, (weights, biases) = layers
        entering = [inputs]
        for hidden_weights, hidden_biases in hidden:
            entering.append(np.maximum(entering[-1] @ hidden_weights + hidden_biases, 0))
        return entering, entering[-1] @ weights + biases


def log_softmax(logits: Floats) -> Floats:
    """Return the logarithm of each class's share, of the shape of `logits`."""
    shifted: Floats = logits - logits.max(axis=1, keepdims=True)  # the largest exp is then 1
    total: Floats = np.exp(shifted).sum(axis=1, keepdims=True)
    return shifted - np.log(total)


def cross_entropy(log_shares: Floats, labels: Labels) -> float:
    """Return the mean negative log share of the right class, in nats."""
    return float(-log_shares[np.arange(len(labels)), labels].mean())
