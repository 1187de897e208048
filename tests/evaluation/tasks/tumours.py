"""Breast tumours, malignant or benign, from thirty measurements: a small real data set."""

import numpy as np
from sklearn.datasets import load_breast_cancer
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, mixed, standardised
from tests.evaluation.training.networks import Squeezed, perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task


def data(rng: np.random.Generator) -> Data:
    """Return 384 tumours to learn and 185 to judge by; malignant (37 %) is positive."""
    tumours = load_breast_cancer()
    return halves(*mixed(standardised(tumours.data), 1 - tumours.target, rng), train=384)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron with one output."""
    return Squeezed(perceptron(30, 1, settings))


TASK = Task(
    half="reported",
    settings=Settings(lr=5e-4, epochs=30, batch_size=16, width=32, weight_decay=0.05, dropout=0.2),
    data=data,
    model=model,
    loss=losses.of_positives,
    judge=judging.positives,
    loss_name="BCEWithLogitsLoss",
    monitor="val/accuracy",
    chance=0.63,
    good=0.92,
    plain_metrics=("val/accuracy", "val/f1"),
    config={"num_classes": 2},
)
