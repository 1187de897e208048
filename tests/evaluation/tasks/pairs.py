"""Contrastive learning: two noisy views of one thing find each other among a batch of 64."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.evaluation.training.drawing import halves, normal
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Task
from trainmon.writer.summaries.evaluation import Evaluation

BATCH = 64
TEMPERATURE = 0.1


def data(rng: np.random.Generator) -> Data:
    """Return pairs of views (2, 24) of 8 hidden numbers: 3,200 to learn, 640 to judge by."""
    hidden = normal(rng, 3_840, 8)
    views = [np.tanh(hidden @ normal(rng, 8, 24)) + 0.3 * normal(rng, 3_840, 24) for _ in range(2)]
    return halves(np.stack(views, 1), np.arange(3_840), train=3_200)


class TwoTowers(nn.Module):
    """One encoder for each view."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.first, self.second = (perceptron(24, 16, settings) for _ in range(2))

    def forward(self, views: Tensor) -> Tensor:
        """Return unit vectors (n, 2, 16)."""
        both = torch.stack((self.first(views[:, 0]), self.second(views[:, 1])), 1)
        return functional.normalize(both, dim=-1)


def loss(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return InfoNCE, in groups of 64 so that chance is ln 64 in an evaluation as well."""
    del targets, settings
    return {"": torch.stack([_info_nce(group) for group in _groups(outputs)]).mean()}


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return how often the right view is the nearest of 64."""
    del targets, threshold
    hits = [
        (_similarities(group).argmax(1) == torch.arange(len(group))) for group in _groups(outputs)
    ]
    top1 = float(torch.cat(hits).float().mean())
    return Evaluation({"n": len(outputs)}, {"val/top1": top1})


def _groups(outputs: Tensor) -> list[Tensor]:
    return list(torch.split(outputs, BATCH))


def _similarities(group: Tensor) -> Tensor:
    return group[:, 0] @ group[:, 1].T / TEMPERATURE


def _info_nce(group: Tensor) -> Tensor:
    return functional.cross_entropy(_similarities(group), torch.arange(len(group)))


TASK = Task(
    half="tuning",
    settings=Settings(lr=2e-3, epochs=10, batch_size=BATCH, clip=5.0, evaluate_every=0.5),
    data=data,
    model=TwoTowers,
    loss=loss,
    judge=judge,
    loss_name="InfoNCE",
    monitor="val/loss",
    mode="min",
    chance=float(np.log(BATCH)),
    good=1.0,
    plain_metrics=("val/top1",),
    config={"temperature": TEMPERATURE},
)
