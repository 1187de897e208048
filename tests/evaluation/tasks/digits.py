"""Handwritten digits by a multi-layer perceptron: ten classes, ln 10 at chance."""

import numpy as np
from sklearn.datasets import load_digits
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, mixed
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task


def data(rng: np.random.Generator) -> Data:
    """Return 1,280 digits to learn and 517 to judge by."""
    digits = load_digits()
    pixels = (digits.data / 8 - 1).astype(np.float32)
    return halves(*mixed(pixels, digits.target, rng), train=1_280)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron."""
    return perceptron(64, 10, settings)


TASK = Task(
    half="tuning",
    settings=Settings(lr=2e-3, epochs=25, batch_size=64, weight_decay=0.2),
    data=data,
    model=model,
    loss=losses.of_classes,
    judge=judging.classes,
    loss_name="cross-entropy",
    monitor="val/accuracy",
    chance=0.1,
    good=0.92,
    plain_metrics=("val/accuracy",),
    config={"num_classes": 10},
)
