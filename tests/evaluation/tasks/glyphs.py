"""The same digits by a small convolutional network, with SGD: ten classes."""

import numpy as np
from sklearn.datasets import load_digits
from torch import nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, mixed
from tests.evaluation.training.networks import convolutions
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task


def data(rng: np.random.Generator) -> Data:
    """Return 1,200 images (1, 8, 8) to learn and 597 to judge by."""
    digits = load_digits()
    images = (digits.images / 8 - 1).astype(np.float32)[:, None]
    return halves(*mixed(images, digits.target, rng), train=1_200)


def model(settings: Settings) -> nn.Module:
    """Return two convolutions and a linear layer."""
    first, second = convolutions((1, 8), settings), convolutions((8, 16), settings)
    dropout = [nn.Dropout(settings.dropout)] if settings.dropout else []
    head = [nn.Flatten(), *dropout, nn.Linear(256, 10)]
    return nn.Sequential(*first, nn.MaxPool2d(2), *second, *head)


TASK = Task(
    half="reported",
    settings=Settings(
        lr=0.02, epochs=16, batch_size=32, optimizer="sgd", weight_decay=3e-3, depth=2
    ),
    data=data,
    model=model,
    loss=losses.of_classes,
    judge=judging.classes,
    loss_name="CrossEntropyLoss",
    monitor="val/accuracy",
    chance=0.1,
    good=0.92,
    plain_metrics=("val/accuracy",),
    config={"num_classes": 10},
)
