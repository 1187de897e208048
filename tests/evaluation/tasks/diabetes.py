"""The progression of diabetes a year on: a small real regression of which half is noise."""

import numpy as np
from sklearn.datasets import load_diabetes
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, mixed, standardised
from tests.evaluation.training.networks import Squeezed, perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task


def data(rng: np.random.Generator) -> Data:
    """Return 320 patients to learn and 122 to judge by, with targets of variance 1."""
    patients = load_diabetes()
    inputs = standardised(patients.data.astype(np.float32))
    targets = standardised(patients.target.astype(np.float32))
    return halves(*mixed(inputs, targets, rng), train=320)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron with one output."""
    return Squeezed(perceptron(10, 1, settings))


TASK = Task(
    half="reported",
    settings=Settings(
        lr=3e-4,
        epochs=40,
        batch_size=16,
        width=32,
        weight_decay=0.3,
        dropout=0.1,
        activation="gelu",
    ),
    data=data,
    model=model,
    loss=losses.of_quantities,
    judge=judging.quantities,
    loss_name="MSELoss",
    monitor="val/loss",
    mode="min",
    chance=1.0,
    good=0.7,
    plain_metrics=("val/r2", "val/mae"),
)
