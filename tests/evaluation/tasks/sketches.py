"""An autoencoder of handwritten digits: sixty-four pixels through eight numbers."""

import numpy as np
from sklearn.datasets import load_digits
from torch import Tensor, nn

from tests.evaluation.training import losses
from tests.evaluation.training.drawing import halves, mixed
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task
from trainmon.writer.summaries.evaluation import Evaluation

CODE = 8
"""Numbers between encoder and decoder."""


def data(rng: np.random.Generator) -> Data:
    """Return 1,400 digits to learn and 397 to judge by; the pixels have a variance of 0.8."""
    pixels = (load_digits().data / 6 - 0.8).astype(np.float32)
    mixed_pixels, _ = mixed(pixels, pixels, rng)
    return halves(mixed_pixels, mixed_pixels, train=1_400)


def model(settings: Settings) -> nn.Module:
    """Return an encoder and a decoder."""
    return nn.Sequential(perceptron(64, CODE, settings), perceptron(CODE, 64, settings))


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the signal-to-noise ratio, in decibels."""
    del threshold
    error = (outputs - targets).square().mean().item()
    span = float(targets.max() - targets.min())
    with np.errstate(divide="ignore"):  # an infinite error has a ratio of minus infinity
        ratio = 10 * np.log10(span**2 / max(error, 1e-12))
    return Evaluation({"n": len(outputs)}, {"val/psnr": float(ratio)})


TASK = Task(
    half="reported",
    settings=Settings(lr=3e-3, epochs=25, batch_size=64, depth=1, activation="tanh"),
    data=data,
    model=model,
    loss=losses.of_quantities,
    judge=judge,
    loss_name="reconstruction error",
    monitor="val/loss",
    mode="min",
    chance=0.52,
    good=0.27,
    plain_metrics=("val/psnr",),
)
