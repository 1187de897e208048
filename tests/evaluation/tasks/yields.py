"""Friedman's regression: five of ten features count, the noise is 10 % of the variance."""

import numpy as np
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, normal
from tests.evaluation.training.networks import Squeezed, perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task


def data(rng: np.random.Generator) -> Data:
    """Return 2,000 samples to learn and 1,000 to judge by, with targets of variance 1.

    J. H. Friedman, "Multivariate adaptive regression splines", Annals of Statistics 19 (1991).
    """
    x = rng.random((3_000, 10), dtype=np.float32)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    y += 10 * x[:, 3] + 5 * x[:, 4]
    y = (y - y.mean()) / y.std() + 0.3 * normal(rng, 3_000)
    return halves(2 * x - 1, y.astype(np.float32), train=2_000)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron with one output."""
    return Squeezed(perceptron(10, 1, settings))


TASK = Task(
    half="tuning",
    settings=Settings(lr=3e-3, epochs=20, batch_size=64, clip=5.0),
    data=data,
    model=model,
    loss=losses.of_quantities,
    judge=judging.quantities,
    loss_name="mse",
    monitor="val/r2",
    chance=0.0,
    good=0.8,
    plain_metrics=("val/r2", "val/mae"),
)
