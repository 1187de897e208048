"""Bright spots in images, found by a heat map: a detector with a loss in parts and a mAP."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.evaluation.training.drawing import halves, normal
from tests.evaluation.training.networks import convolutions
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Task
from trainmon.writer.summaries.evaluation import Evaluation

SIDE, CELL = 16, 4
"""Pixels of an image, and of one cell of the grid in which spots are told."""
GRID = SIDE // CELL
NEAR = 1.0
"""Pixels within which a spot counts as found."""


def data(rng: np.random.Generator) -> Data:
    """Return images (1, 16, 16) and grids (3, 4, 4) of presence and place: 400 and 120."""
    y, x = np.mgrid[:SIDE, :SIDE]
    images = 0.5 * normal(rng, 520, SIDE, SIDE)
    grids = np.zeros((520, 3, GRID, GRID), np.float32)
    for number, grid in enumerate(grids):
        for _ in range(rng.integers(1, 4)):
            place = rng.uniform(0, SIDE - 1, 2)
            row, column = (place // CELL).astype(int)
            if not grid[0, row, column]:
                images[number] += np.exp(-((y - place[0]) ** 2 + (x - place[1]) ** 2) / 2) * 2
                grid[:, row, column] = 1, *(place % CELL / CELL)
    return halves(images[:, None].astype(np.float32), grids, train=400)


def model(settings: Settings) -> nn.Module:
    """Return convolutions that shrink the image to its grid."""
    last = nn.Conv2d(12, 3, CELL, stride=CELL)
    return nn.Sequential(*convolutions((1, 8, 12), settings), last)


def loss(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the losses of presence and of place; the place counts twice."""
    del settings
    present = targets[:, 0]
    found = functional.binary_cross_entropy_with_logits(outputs[:, 0], present)
    error = (outputs[:, 1:] - targets[:, 1:]).abs().sum(1)
    return {"cls": found, "box": 2 * (error * present).sum() / present.sum().clamp(min=1)}


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the mean average precision: spots by their score, right if near a true one."""
    del threshold
    scores = outputs[:, 0].sigmoid()
    near = CELL * (outputs[:, 1:] - targets[:, 1:]).square().sum(1).sqrt() < NEAR
    right = near & targets[:, 0].bool()
    kept = scores >= 0.5  # as detectors do before they count
    order = scores[kept].argsort(descending=True)
    hits = right[kept][order].float()
    precision = hits.cumsum(0) / torch.arange(1, len(hits) + 1)
    ap = float((precision * hits).sum() / targets[:, 0].sum())
    return Evaluation({"n": len(outputs), "detections": len(hits)}, {"val/map": ap})


TASK = Task(
    half="reported",
    settings=Settings(lr=3e-3, epochs=24, batch_size=20, weight_decay=1e-3, warmup=0.1, clip=10.0),
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    loss_name="presence + place",
    monitor="val/map",
    chance=0.0,
    good=0.5,
    plain_metrics=("val/map",),
)
