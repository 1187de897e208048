"""Counts the evaluations at which validation has got worse slowly, below the noise of single ones.

The median of eight evaluations errs by less than half of what one of them does, so that a slow rise
stands out of it long before it does evaluation by evaluation, and a single bad one does not; and so
does the fall of a training loss of which few samples are logged.
"""

from dataclasses import dataclass, replace

import numpy as np

from trainmon.evaluating.evaluations import noise, noise_of_late
from trainmon.finite import finite
from trainmon.medians import median_of

_OF = 8
"""Evaluations of a median."""

_NOISES = 2.5
"""Times the noise of one evaluation: of runs whose evaluations only stray one in 150 is ever so
far from the best median for long enough."""

_BESIDE = 1.5
"""The same where the metrics have to say so too: one in ten is, by the loss alone."""

_TRAINED = 0.5
"""Times the noise of one training loss: one standard error of such a difference."""

_WHATEVER = 8.0
"""Times the noise of an evaluation: such a rise is sure, however much a training loss strays."""

_NOTHING = 1e-300
"""Noise where there is none."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Medians of eight evaluations; values are signed so that less is better."""

    trains: tuple[float, ...] = ()
    """The training losses at the last evaluations; NaN where none was logged."""
    train: float = np.nan
    """Their median."""
    best: float = np.inf
    train_at_best: float = np.nan
    gap: float = 0.0
    """By how much the last median is above the best one."""
    worse: int = 0
    """Evaluations in a row that count."""
    beside: int = 0
    """Those that count where the metrics have got worse as well."""

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
            return replace(slow, best=middle, train_at_best=level, gap=0.0, worse=0, beside=0)
        gap, fallen = middle - self.best, self.train_at_best - level
        noises = gap / max(noise_of_late(recent), _NOTHING)
        trained = fallen > _TRAINED * slow.train_noise or noises > _WHATEVER
        if not trained or gap <= margin or fallen < (1 - falling) * abs(self.train_at_best):
            noises = 0.0
        worse = self.worse + 1 if noises > _NOISES else 0
        beside = self.beside + 1 if noises > _BESIDE else 0
        return replace(slow, gap=gap, worse=worse, beside=beside)
