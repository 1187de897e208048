"""Fraudulent payments, one in twenty, by a perceptron on twenty features, with SGD."""

import numpy as np
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, normal, teacher
from tests.evaluation.training.networks import Squeezed, perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task

PREVALENCE = 0.05


def data(rng: np.random.Generator) -> Data:
    """Return 6,000 payments to learn and 3,000 to judge by."""
    inputs = normal(rng, 9_000, 20)
    scores = teacher(inputs[:, :8], 4, rng)
    scores += 0.05 * scores.std() * normal(rng, 9_000)
    labels = (scores > np.quantile(scores, 1 - PREVALENCE)).astype(np.int64)
    return halves(inputs, labels, train=6_000)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron with one output."""
    return Squeezed(perceptron(20, 1, settings))


TASK = Task(
    half="reported",
    settings=Settings(
        lr=0.1, epochs=18, batch_size=128, optimizer="sgd", width=24, weight_decay=2e-3
    ),
    data=data,
    model=model,
    loss=losses.of_positives,
    judge=judging.positives,
    loss_name="BCEWithLogitsLoss",
    monitor="val/ap",
    chance=PREVALENCE,
    good=0.6,
    plain_metrics=("val/ap", "val/auroc", "val/f1"),
    config={"num_classes": 2},
)
