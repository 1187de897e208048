"""The data of a demo training: points that a random network has divided into two classes."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from trainmon.demo.network import Floats, Labels, Network
from trainmon.demo.recipe import CLASSES

FEATURES: Final = 12
"""Inputs of a sample, each standard normal."""

TEACHER_UNITS: Final = 8
"""Hidden units of the network that draws the border: curved, yet learnable in a minute."""

POSITIVE_SHARE: Final = 0.35
"""Share of positive samples: few enough that always answering "negative" has an F1 of 0."""


@dataclass(frozen=True, slots=True)
class Split:
    """Samples with their labels: inputs (samples x features), labels (samples)."""

    inputs: Floats
    labels: Labels


class Task:
    """A border through the space of inputs, from which any number of samples can be drawn."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._teacher = Network((FEATURES, TEACHER_UNITS, 1), rng)
        scores = self._scores(_points(10_000, rng))  # enough to place a quantile within 1 %
        self._threshold = np.quantile(scores, 1 - POSITIVE_SHARE)

    def draw(self, samples: int, wrong_labels: float, rng: np.random.Generator) -> Split:
        """Return a split; `wrong_labels` is the share of its labels that are flipped."""
        inputs = _points(samples, rng)
        labels = (self._scores(inputs) > self._threshold).astype(np.intp)
        flipped = rng.random(samples) < wrong_labels
        return Split(inputs, np.where(flipped, CLASSES - 1 - labels, labels))

    def _scores(self, inputs: Floats) -> Floats:
        return self._teacher.logits(inputs)[:, 0]


def _points(samples: int, rng: np.random.Generator) -> Floats:
    return rng.standard_normal((samples, FEATURES), dtype=np.float32)
