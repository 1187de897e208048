"""Directions in space from sixteen readings: the loss is an angle, pi/2 at chance."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.evaluation.training.drawing import halves, normal
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Task
from trainmon.writer.summaries.evaluation import Evaluation


def data(rng: np.random.Generator) -> Data:
    """Return readings (16,) and unit vectors (3,): 3,000 to learn, 800 to judge by."""
    directions = normal(rng, 3_800, 3)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    readings = np.sin(2 * directions @ normal(rng, 3, 16)) + 0.3 * normal(rng, 3_800, 16)
    return halves(readings, directions, train=3_000)


class Pointer(nn.Module):
    """A perceptron whose answer is a direction."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.network = perceptron(16, 3, settings)

    def forward(self, readings: Tensor) -> Tensor:
        """Return unit vectors (n, 3)."""
        return functional.normalize(self.network(readings), dim=-1)


def angles(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the angles (n,) between directions, in radians."""
    return (outputs * targets).sum(-1).clamp(-1 + 1e-6, 1 - 1e-6).arccos()


def loss(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the mean angle."""
    del settings
    return {"": angles(outputs, targets).mean()}


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the median angle, in degrees."""
    del threshold
    error = float(torch.rad2deg(angles(outputs, targets)).median())
    return Evaluation({"n": len(outputs), "kind": "regression"}, {"val/median_error": error})


TASK = Task(
    half="reported",
    settings=Settings(lr=2e-3, epochs=14, batch_size=64, width=64, clip=1.0),
    data=data,
    model=Pointer,
    loss=loss,
    judge=judge,
    loss_name="angular distance",
    monitor="val/loss",
    mode="min",
    chance=float(np.pi / 2),
    good=0.4,
    plain_metrics=("val/median_error",),
)
