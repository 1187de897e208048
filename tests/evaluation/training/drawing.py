"""Data that is drawn: random networks as teachers, and splits of what scikit-learn ships."""

import numpy as np
import torch
from numpy.typing import NDArray

from tests.evaluation.training.task import Data, Split

Floats = NDArray[np.float32]


def normal(rng: np.random.Generator, *shape: int) -> Floats:
    """Return standard normal numbers."""
    return rng.standard_normal(shape, dtype=np.float32)


def teacher(inputs: Floats, units: int, rng: np.random.Generator) -> Floats:
    """Return what a random network with one hidden layer says of inputs (n, features): (n,)."""
    hidden = inputs @ normal(rng, inputs.shape[1], units) / np.sqrt(inputs.shape[1])
    answer: Floats = np.tanh(1.5 * hidden + 0.5 * normal(rng, units)) @ normal(rng, units)
    return answer


def halves(inputs: NDArray[np.generic], targets: NDArray[np.generic], train: int) -> Data:
    """Return samples divided after the first `train` of them."""
    x, y = torch.as_tensor(inputs), torch.as_tensor(targets)
    return Data(Split(x[:train], y[:train]), Split(x[train:], y[train:]))


def mixed(
    inputs: NDArray[np.generic], targets: NDArray[np.generic], rng: np.random.Generator
) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Return samples in a random order."""
    order = rng.permutation(len(targets))
    return inputs[order], targets[order]


def standardised(inputs: Floats) -> Floats:
    """Return features of mean 0 and standard deviation 1."""
    scaled: Floats = ((inputs - inputs.mean(0)) / inputs.std(0)).astype(np.float32)
    return scaled
