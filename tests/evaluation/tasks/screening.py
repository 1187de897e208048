"""A rare condition, 3 % of the samples, by a perceptron on twelve measurements."""

import numpy as np
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, normal, teacher
from tests.evaluation.training.networks import Squeezed, perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task

PREVALENCE = 0.03


def data(rng: np.random.Generator) -> Data:
    """Return 8,000 samples to learn and 4,000 to judge by; the border is slightly blurred."""
    inputs = normal(rng, 12_000, 12)
    scores = teacher(inputs, 6, rng)
    scores += 0.05 * scores.std() * normal(rng, 12_000)
    labels = (scores > np.quantile(scores, 1 - PREVALENCE)).astype(np.int64)
    return halves(inputs, labels, train=8_000)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron with one output."""
    return Squeezed(perceptron(12, 1, settings))


TASK = Task(
    half="tuning",
    settings=Settings(lr=4e-3, epochs=20, batch_size=256, width=32, weight_decay=0.1),
    data=data,
    model=model,
    loss=losses.of_positives,
    judge=judging.positives,
    loss_name="binary cross-entropy",
    monitor="val/ap",
    chance=PREVALENCE,
    good=0.55,
    plain_metrics=("val/ap", "val/auroc", "val/f1"),
    config={"num_classes": 2, "class_counts": [7_760, 240]},
)
