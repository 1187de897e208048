"""Noisy waves of four shapes by a recurrent network: four classes, ln 4 at chance."""

import numpy as np
from torch import Tensor, nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves, normal
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task

SHAPES, LENGTH = 4, 16


def data(rng: np.random.Generator) -> Data:
    """Return waves (16, 1) and their shapes: 2,400 to learn, 500 to judge by."""
    shapes = rng.integers(0, SHAPES, 2_900)
    turns = np.linspace(0, 2, LENGTH) + rng.random((2_900, 1))
    sine, saw = np.sin(2 * np.pi * turns), 2 * (turns % 1) - 1
    kinds = np.stack((sine, np.sign(sine), saw, -saw), 1)
    waves = kinds[np.arange(2_900), shapes] + 0.3 * normal(rng, 2_900, LENGTH)
    return halves(waves[..., None].astype(np.float32), shapes, train=2_400)


class Listener(nn.Module):
    """An LSTM, and a shape from where it ends."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, settings.width, batch_first=True)
        self.head = nn.Linear(settings.width, SHAPES)

    def forward(self, waves: Tensor) -> Tensor:
        """Return logits (n, shapes)."""
        states, _ = self.lstm(waves)
        logits: Tensor = self.head(states[:, -1])
        return logits


TASK = Task(
    half="reported",
    settings=Settings(lr=0.02, epochs=10, batch_size=50, width=24, clip=1.0),
    data=data,
    model=Listener,
    loss=losses.of_classes,
    judge=judging.classes,
    loss_name="CrossEntropyLoss",
    monitor="val/accuracy",
    chance=0.25,
    good=0.87,
    plain_metrics=("val/accuracy",),
    config={"num_classes": SHAPES},
)
