"""Forecasts with their own uncertainty: a negative log likelihood that goes below zero."""

import numpy as np
from torch import Tensor, nn

from tests.evaluation.training.drawing import halves, normal, teacher
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Task
from trainmon.writer.summaries.evaluation import Evaluation


def data(rng: np.random.Generator) -> Data:
    """Return situations (8,) and quantities, noisier where the first number is large."""
    inputs = normal(rng, 3_600, 8)
    targets = teacher(inputs, 5, rng)
    targets = (targets - targets.mean()) / targets.std()
    targets += 0.08 * np.exp(0.5 * inputs[:, 0]) * normal(rng, 3_600)
    return halves(inputs, targets.astype(np.float32), train=2_880)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron that tells mean and log deviation."""
    return perceptron(8, 2, settings)


def loss(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the negative log likelihood of a normal distribution, less its constant."""
    del settings
    mean, spread = outputs.unbind(-1)
    return {"": (spread + 0.5 * ((targets - mean) * (-spread).exp()).square()).mean()}


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the error and the share of targets within one deviation."""
    del threshold
    mean, spread = outputs.unbind(-1)
    error = (targets - mean).abs()
    inside = float((error < spread.exp()).float().mean())
    return Evaluation({"n": len(outputs)}, {"val/mae": float(error.mean()), "val/inside": inside})


TASK = Task(
    half="reported",
    settings=Settings(lr=2e-3, epochs=16, batch_size=64, clip=5.0),
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    loss_name="gaussian nll",
    monitor="val/loss",
    mode="min",
    chance=0.5,
    good=-0.6,
    plain_metrics=("val/mae", "val/inside"),
)
