"""What a diagnosis reads of the curves beside the findings: levels at the start and at the end."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.store.batch import Floats
from trainmon.store.lane import Lane

_FIRST = 8
"""Samples of a beginning."""

_LAST = 50
"""Samples of a level."""

_EARLY = 200
"""Samples in which a run that is thrown off is thrown off."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Levels of the judged curves; NaN where they are not logged."""

    first_loss: float = np.nan
    """The first one, before the model has changed."""
    early_peak: float = np.nan
    """The highest of the first losses."""
    loss: float = np.nan
    """The median of the last ones."""
    best_loss: float = np.nan
    """The lowest median of so many in a row."""
    grad_norm: float = np.nan
    first_grad_norm: float = np.nan
    grad_peak: float = np.nan
    update_ratio: float = np.nan
    lr: float = np.nan
    """The highest learning rate of the run."""

    @property
    def was_thrown_off(self) -> bool:
        """Whether the loss leapt far above where it began, early in the run."""
        return self.early_peak > _LEAP * abs(self.first_loss)

    @property
    def has_fallen(self) -> bool:
        """Whether the loss is clearly below where it began."""
        return self.loss < self.first_loss - _FALL * abs(self.first_loss)


_LEAP = 2.0
"""Times the first loss: batches alone differ less."""

_FALL = 0.1
"""Of the first loss."""


def readings(context: Context, lane: Lane) -> Readings:
    """Return the levels of a run as its log stands."""
    losses = _finite(lane.samples(context.train_loss).values)
    norms = _finite(lane.samples(context.grad_norm).values)
    rates = _finite(lane.samples(context.learning_rate).values)
    ratios = _finite(lane.samples(context.update_ratio).values)
    return Readings(
        first_loss=_median(losses[:1]),
        early_peak=float(losses[:_EARLY].max()) if len(losses) else np.nan,
        loss=_median(losses[-_LAST:]),
        best_loss=_lowest(losses),
        grad_norm=_median(norms[-_LAST:]),
        first_grad_norm=_median(norms[:_FIRST]),
        grad_peak=float(norms.max()) if len(norms) else np.nan,
        update_ratio=_median(ratios[-_LAST:]),
        lr=float(rates.max()) if len(rates) else np.nan,
    )


def _finite(values: Floats) -> Floats:
    recent = (
        values if len(values) <= _LIMIT else np.concatenate((values[:_EARLY], values[-_LIMIT:]))
    )
    return recent[np.isfinite(recent)]


_LIMIT = 20_000
"""Samples looked at, from the last one back, beside the first ones."""


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else np.nan


def _lowest(values: Floats) -> float:
    whole = len(values) // _FIRST * _FIRST
    if not whole:
        return _median(values)
    return float(np.median(values[:whole].reshape(-1, _FIRST), axis=1).min())
