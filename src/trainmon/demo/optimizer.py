"""Gradient clipping and the two optimizers of the demo: SGD with momentum, and AdamW."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from trainmon.demo.network import Floats
from trainmon.demo.recipe import Recipe

MOMENTUM: Final = 0.9
"""Share of the last update that SGD keeps; the usual value."""

BETA_MEAN: Final = 0.9
BETA_SQUARE: Final = 0.999
EPSILON: Final = 1e-8
"""Decay rates and guard of Adam as its authors propose them (Kingma and Ba 2015)."""


class Optimizer(Protocol):
    """Changes parameters in place, one step at a time."""

    def step(self, gradients: Sequence[Floats], lr: float) -> None:
        """Move each parameter along its gradient."""


class Sgd:
    """Gradient descent with momentum."""

    def __init__(self, parameters: Sequence[Floats]) -> None:
        self._parameters = parameters
        self._velocities = [np.zeros_like(parameter) for parameter in parameters]

    def step(self, gradients: Sequence[Floats], lr: float) -> None:
        """Move each parameter by its velocity."""
        moves = zip(self._parameters, self._velocities, gradients, strict=True)
        for parameter, velocity, gradient in moves:
            velocity[:] = MOMENTUM * velocity + gradient
            parameter[:] -= lr * velocity


class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    def __init__(self, parameters: Sequence[Floats], weight_decay: float) -> None:
        self._parameters = parameters
        self._weight_decay = weight_decay
        self._means = [np.zeros_like(parameter) for parameter in parameters]
        self._squares = [np.zeros_like(parameter) for parameter in parameters]
        self._steps = 0

    def step(self, gradients: Sequence[Floats], lr: float) -> None:
        """Move each parameter by its gradient's mean over its size."""
        self._steps += 1
        debias_mean = 1 - BETA_MEAN**self._steps
        debias_square = 1 - BETA_SQUARE**self._steps
        moves = zip(self._parameters, self._means, self._squares, gradients, strict=True)
        for parameter, mean, square, gradient in moves:
            mean[:] += (1 - BETA_MEAN) * (gradient - mean)
            square[:] += (1 - BETA_SQUARE) * (gradient * gradient - square)
            update = (mean / debias_mean) / (np.sqrt(square / debias_square) + EPSILON)
            parameter[:] -= lr * (update + self._weight_decay * parameter)


def optimizer_for(recipe: Recipe, parameters: Sequence[Floats]) -> Optimizer:
    """Return the optimizer that a recipe names."""
    if recipe.optimizer == "sgd":
        return Sgd(parameters)
    return AdamW(parameters, recipe.weight_decay)


def clip_gradients(gradients: Sequence[Floats], limit: float | None) -> float:
    """Scale all gradients in place to a joint norm of at most `limit`; return the norm before.

    >>> gradients = [np.array([3.0], dtype="f4"), np.array([4.0], dtype="f4")]
    >>> clip_gradients(gradients, limit=1.0), [round(float(g[0]), 3) for g in gradients]
    (5.0, [0.6, 0.8])
    """
    norm = float(np.sqrt(sum(float(np.vdot(gradient, gradient)) for gradient in gradients)))
    if limit is not None and norm > limit:
        for gradient in gradients:
            gradient[:] *= limit / norm
    return norm
