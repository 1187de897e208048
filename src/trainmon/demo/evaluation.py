"""What a network is worth on the validation set: loss, accuracy, F1 and the confusion behind it."""

from dataclasses import dataclass

import numpy as np

from trainmon.demo.network import Network, cross_entropy, log_softmax
from trainmon.demo.recipe import CLASSES
from trainmon.demo.task import Split


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation."""

    loss: float
    confusion: list[list[int]]
    """Counts of samples: rows are the actual classes, columns the predicted ones."""

    @property
    def accuracy(self) -> float:
        """Return the share of right answers."""
        return sum(row[i] for i, row in enumerate(self.confusion)) / self.samples

    @property
    def f1(self) -> float:
        """Return the F1 of the positive class, 0 if it is never found.

        >>> Evaluation(loss=0.5, confusion=[[50, 10], [10, 30]]).f1
        0.75
        """
        (_, false_positives), (false_negatives, true_positives) = self.confusion
        found = 2 * true_positives
        return found / (found + false_positives + false_negatives) if found else 0.0

    @property
    def samples(self) -> int:
        """Return how many samples were evaluated."""
        return sum(map(sum, self.confusion))


def evaluate(network: Network, split: Split) -> Evaluation:
    """Return how a network answers on a split."""
    logits = network.logits(split.inputs)
    cells = split.labels * CLASSES + logits.argmax(axis=1)
    confusion = np.bincount(cells, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)
    return Evaluation(cross_entropy(log_softmax(logits), split.labels), confusion.tolist())
