"""What a diagnosis reads of the curves beside the findings: levels at the start and at the end."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.medians import median_of, medians_of
from trainmon.store.batch import Floats, Samples

_FIRST = 8
"""Samples of a beginning."""

_LAST = 50
"""Samples of a level."""

_TELLING = 16
"""Samples whose median is no accident of batches."""

_EARLY = 200
"""Samples in which a run that is thrown off is thrown off."""


class Curves(Protocol):
    """A log whose curves can be read: one that grows, or one as it stood at some moment."""

    def samples(self, name: str | None) -> Samples:
        """Return all samples of a metric; none if there is no such metric."""
        ...


@dataclass(frozen=True, slots=True)
class Readings:
    """Levels of the judged curves; NaN where they are not logged."""

    first_loss: float = np.nan
    """The first one, before the model has changed."""
    early_peak: float = np.nan
    """The highest of the first losses."""
    early_level: float = np.nan
    """The highest median of so many of them in a row."""
    loss: float = np.nan
    """The median of the last ones."""
    last_low: float = np.nan
    """The lowest and the highest of the second half's: what noise makes of a level."""
    last_high: float = np.nan
    best_loss: float = np.nan
    """The lowest median of so many in a row."""
    grad_norm: float = np.nan
    first_grad_norm: float = np.nan
    begun_grad_norm: float = np.nan
    """The very first one: some fall from there at once."""
    grad_peak: float = np.nan
    update_ratio: float = np.nan
    update_peak: float = np.nan
    lr: float = np.nan
    """The highest learning rate of the run."""
    low_rate_share: float = 0.0
    """The share of the run behind that peak in which the rate was below a hundredth of it."""

    fell_at_once: bool = False
    """Whether the rate only fell, and has not changed any more for most of the run."""
    losses: float = np.nan
    """How many finite training losses there are."""
    lost_lr: float = np.nan
    """Times its median until then: the learning rate when the training loss was last low."""

    @property
    def was_thrown_off(self) -> bool:
        """Whether the loss or the gradient leapt far above where they began, or it stood there."""
        first = np.fmax(self.first_grad_norm, self.begun_grad_norm)
        burst = self.grad_peak > np.fmax(_BURST * self.grad_norm, _OF_FIRST * first)
        leapt = self.early_peak > _LEAP * abs(self.first_loss)
        stood = self.early_level > _ABOVE * abs(self.first_loss)
        return burst or ((leapt or stood) and not self._noise_alone)

    @property
    def _noise_alone(self) -> bool:
        """Whether the first losses lie about where the last ones do, which are as noisy."""
        about = self.last_low <= self.first_loss and self.early_peak <= _AS_HIGH * self.last_high
        return about and not self.early_level > _ABOVE * abs(self.loss)

    @property
    def gradient_died(self) -> bool:
        """Whether gradients were there at the very first, and next to nothing of them is left."""
        first = np.fmax(self.first_grad_norm, self.begun_grad_norm)
        return bool(first > 0 and self.grad_norm <= _DIED * first)

    @property
    def begins_huge(self) -> bool:
        """Whether the very first gradients are beyond what trainings begin with."""
        return bool(np.fmax(self.first_grad_norm, self.begun_grad_norm) > _HUGE)

    @property
    def has_fallen(self) -> bool:
        """Whether the loss is clearly below where it began."""
        return self.loss < self.first_loss - _FALL * abs(self.first_loss)


_LEAP = 2.0
"""Times the first loss: batches alone differ less."""

_ABOVE = 1.25
"""Times the first loss, for a stretch: a run that is not thrown off begins at its worst."""

_AS_HIGH = 1.25
"""Times the highest of the last losses: the highest of the first ones is no other noise."""

_BURST, _OF_FIRST = 30.0, 3.0
"""Times the last gradient norm, and the first ones: a peak that high was a leap."""

_DIED = 1e-6
"""Of the first gradient norm: no fit is so good that it leaves so little."""

_HUGE = 1e3
"""A gradient norm that no initialisation is meant to give."""

_LOW = 1e-2
"""Of its peak: a learning rate below it has ended."""

_FALL = 0.1
"""Of the first loss."""


def readings(context: Context, lane: Curves) -> Readings:
    """Return the levels of a run as its log stands."""
    told = lane.samples(context.train_loss)
    losses = _recent(told.values)
    norms = _recent(lane.samples(context.grad_norm).values)
    late = losses[len(losses) // 2 :][-_EARLY:]
    rates = _recent(lane.samples(context.learning_rate).values)
    ratios = _recent(lane.samples(context.update_ratio).values)
    return Readings(
        first_loss=_median(losses[:1]),
        early_peak=_highest(losses[:_EARLY]),
        early_level=_highest(_medians(losses[:_EARLY], _TELLING)),
        loss=_median(losses[-_LAST:]),
        last_low=float(late.min(initial=np.inf)),
        last_high=_highest(late),
        best_loss=_lowest(losses),
        grad_norm=_median(norms[-_LAST:]),
        first_grad_norm=_median(norms[:_FIRST]),
        begun_grad_norm=_median(norms[:1]),
        grad_peak=_highest(norms),
        update_ratio=_median(ratios[-_LAST:]),
        update_peak=_highest(ratios),
        lr=_highest(rates),
        low_rate_share=_low_share(rates),
        fell_at_once=_fell_at_once(rates),
        losses=float(len(losses)),
        lost_lr=_rate_when_lost(told, lane.samples(context.learning_rate)),
    )


def _recent(values: Floats) -> Floats:
    recent = (
        values if len(values) <= _LIMIT else np.concatenate((values[:_EARLY], values[-_LIMIT:]))
    )
    return finite(recent)


_LIMIT = 20_000
"""Samples looked at, from the last one back, beside the first ones."""


def _median(values: Floats) -> float:
    return median_of(values) if len(values) else np.nan


def _highest(values: Floats) -> float:
    return float(values.max()) if len(values) else np.nan


def _low_share(rates: Floats) -> float:
    if len(rates) < _FIRST or rates.max() <= 0:
        return 0.0
    peak = int(rates.argmax())
    if peak and rates[peak - 1] < _LOW * rates[peak] and rates[-1] >= _BACK * rates[peak - 1]:
        return 0.0  # it jumped up and is back where it was
    return float((rates[peak:] < _LOW * rates[peak]).mean())


_BACK = 0.5
"""Of the rate before it jumped up."""


def _fell_at_once(rates: Floats) -> bool:
    if len(rates) < _FIRST or rates.argmax() or not 0 < rates[-1] < _LOW * rates[0]:
        return False
    still = rates[int(len(rates) * _BEGINNING) :]
    return bool((still == still[-1]).all())


_BEGINNING = 0.1
"""Share of a run that a warm-up takes at most."""


def _rate_when_lost(losses: Samples, rates: Samples) -> float:
    """Return how many times its median until then the rate was when the loss was last low."""
    values = _recent(losses.values[:_EARLY])
    if not len(values) or not len(rates):
        return np.nan
    low = losses.rows[-_LIMIT:][losses.values[-_LIMIT:] <= _HALF * values[0]]
    if not len(low):
        return np.nan
    (until,) = rates.positions(int(low[-1]) + 1)
    before = _recent(rates.values[:until])
    there = _recent(rates.values[max(0, until - 1) : until + 1])
    median = _median(before)
    return float(there.max() / median) if len(there) and median > 0 else np.nan


_HALF = 0.5
"""Of the first loss: below it something had been learned."""


def _lowest(values: Floats) -> float:
    medians = _medians(values, _FIRST)
    return float(medians.min()) if len(medians) else _median(values)


def _medians(values: Floats, count: int) -> Floats:
    """Return the medians of so many in a row, shape (n // count,)."""
    return medians_of(values[: len(values) // count * count].reshape(-1, count))
