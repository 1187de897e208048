"""Cells in noisy images: a segmentation whose loss has two parts and whose IoU begins at 0."""

import numpy as np
from torch import Tensor, nn
from torch.nn import functional

from tests.evaluation.training.drawing import halves, normal
from tests.evaluation.training.networks import Squeezed, convolutions
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Task
from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.evaluation import Evaluation

SIDE = 16
"""Pixels."""


def data(rng: np.random.Generator) -> Data:
    """Return 240 images (1, 16, 16) to learn and 60 to judge by, with masks (16, 16)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    masks = np.zeros((300, SIDE, SIDE), dtype=bool)
    for number in range(300):
        for _ in range(rng.integers(1, 4)):
            centre, radius = rng.uniform(2, SIDE - 2, 2), rng.uniform(1.2, 2.6)
            masks[number] |= (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2
    images = 1.4 * masks + normal(rng, *masks.shape)
    return halves(images[:, None].astype(np.float32), masks.astype(np.int64), train=240)


def model(settings: Settings) -> nn.Module:
    """Return three convolutions and one that reads a pixel from its channels."""
    last = nn.Conv2d(8, 1, 1)
    nn.init.constant_(last.bias, -2.0)  # type: ignore[arg-type]  # it has one; few pixels are of a cell
    return Squeezed(nn.Sequential(*convolutions((1, 8, 8, 8), settings), last), axis=1)


def loss(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return the cross-entropy of the pixels and one minus the Dice coefficient."""
    del settings
    truth = targets.float()
    shares = outputs.sigmoid()
    both = (shares * truth).sum((1, 2))
    dice = 1 - (2 * both + 1) / (shares.sum((1, 2)) + truth.sum((1, 2)) + 1)
    pixels = functional.binary_cross_entropy_with_logits(outputs, truth)
    return {"bce": pixels, "dice": dice.mean()}


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the evaluation of all pixels, with the mean IoU of the images."""
    found, truth = outputs.sigmoid() >= threshold, targets.bool()
    union = (found | truth).sum((1, 2)).clamp(min=1)
    iou = float(((found & truth).sum((1, 2)) / union).mean())
    scores = outputs.sigmoid().reshape(-1).numpy()
    flat = targets.reshape(-1).numpy()
    return evaluate("val", flat, scores, threshold, metrics={"iou": iou}, kind="binary")


TASK = Task(
    half="tuning",
    settings=Settings(lr=4e-3, epochs=20, batch_size=10, warmup=0.15, clip=2.0),
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    loss_name="bce + dice",
    monitor="val/iou",
    chance=0.0,
    good=0.5,
    plain_metrics=("val/iou",),
)
