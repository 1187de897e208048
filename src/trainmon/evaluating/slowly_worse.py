"""Counts the evaluations at which validation has got worse slowly, below the noise of single ones.

The median of eight evaluations errs by less than half of what one of them does, so that a slow rise
stands out of it long before it does evaluation by evaluation, and a single bad one does not; and so
does the fall of a training loss of which few samples are logged.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trainmon.evaluating.evaluations import noise
from trainmon.finite import finite
from trainmon.medians import median_of

_OF = 8
"""Evaluations of a median; and those that tell the noise of late."""

_NOISES = 1.5
"""Times the noise of one evaluation: over two standard errors of the difference of two medians."""

_TRAINED = 0.5
"""Times the noise of one training loss: one standard error of such a difference."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Medians of eight evaluations; values are signed so that less is better."""

    trains: tuple[float, ...] = ()
    """The training losses at the last evaluations; NaN where none was logged."""
    train: float = np.nan
    """Their median."""
    best: float = np.inf
    train_at_best: float = np.nan
    worse: int = 0
    """Evaluations in a row that count."""

    @property
    def train_noise(self) -> float:
        """The noise of one training loss, from the last ones; 0 where too few are told."""
        return noise(tuple(level for level in self.trains if not np.isnan(level)))

    def after(
        self, recent: tuple[float, ...], train: float, margin: float, falling: float
    ) -> "Slow":
        """Return this with one more evaluation.

        `recent` are the evaluations up to this one, `margin` is by how much a median must be above
        the best, and `falling` the share of the training loss at the best at which it has fallen.
        """
        trains = (*self.trains, train)[-_OF:]
        told = finite(np.asarray(trains))
        level = median_of(told) if len(told) else np.nan
        slow = replace(self, trains=trains, train=level)
        if len(recent) < _OF:
            return slow
        middle = median_of(np.asarray(recent[-_OF:]))
        if middle < self.best:
            return replace(slow, best=middle, train_at_best=level, worse=0)
        gap, fallen = middle - self.best, self.train_at_best - level
        counts = (
            gap > margin
            and gap > _NOISES * noise_of_late(recent)
            and fallen >= (1 - falling) * abs(self.train_at_best)
            and fallen > _TRAINED * slow.train_noise
        )
        return replace(slow, worse=self.worse + 1 if counts else 0)


def noise_of_late(recent: tuple[float, ...], told: Callable[..., float] = noise) -> float:
    """Return the noise of one evaluation, that of the last few where it has grown.

    Models that are averaged over few clients, or trained at a high rate, get noisier as they learn.


    >>> steady = (1.0, 1.1, 1.0, 1.1, 1.0, 1.1, 1.0, 1.1, 1.0)
    >>> noise_of_late((*steady, 0.5, 1.2, 0.6, 1.4, 0.7, 1.2)) > 3 * noise_of_late(steady)
    True
    """
    return max(told(recent), told(recent[-_OF:]))
