"""Batches that come several times in a row, found from the losses of consecutive steps alone.

Where each of W workers yields the same batches in turn, the loss stands on one batch for W steps
and jumps with the next: its changes are large at one phase of a period of W and small at all
others. The changes of a shuffled training are alike at all phases, whatever their distribution.
"""

from dataclasses import dataclass

import numpy as np

from trainmon.medians import median_of, medians_of
from trainmon.store.batch import Floats

LONGEST = 32
"""Steps of the longest period that is looked for: more workers are rare."""

_FEWEST = 8
"""Jumps within the window that a period must have at least."""

_TIMES = 1.5
"""The median jump, in medians of the next largest phase: two phases alike are another thing, and
running means that begin anew reach 1.45."""

_STANDS = 0.3
"""Share of changes that may be exactly 0: a loss that is logged several times is no repetition."""

_SAME_ORDER = 0.35
"""Correlation of the changes of two epochs from which on the order is the same in both: batches of
one class in a row look like repeated ones, and 512 changes without an order reach 0.2."""

_BY_CHANCE = 4.0
"""Standard deviations of a correlation of independent changes that are reached by chance."""

_AT_ONE_LAG = 2.5
"""Standard deviations that a correlation at the length of an epoch hardly reaches by chance."""

_EPOCH = 12.0
"""Periods that an epoch must have at least: ten classes in order look like ten batches of each."""

_WHOLE = 0.25
"""Steps by which an epoch may differ from whole periods: by more its order cannot keep in step."""

_DUST = 1e-6
"""Of the losses: a smaller change is the rounding of float32, and none."""

_TINY = 1e-12
"""A loss that no other is divided by."""

_ALTERNATES = -0.85
"""Correlation of the changes from block to block below which two tasks alternate; of independent
batches it is -0.5."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """How often each batch comes in a row."""

    period: int
    jump: float
    """The median change of the loss from one batch to the next."""
    within: float
    """That while the batch is the same."""
    deviations: float
    """Of the rank sum of the jumps, in its standard deviations."""


def repetition(losses: Floats, deviations: float, epoch: float | None = None) -> Repetition | None:
    """Return how often batches are repeated in consecutive finite losses; None if they are not.

    `deviations` is how many standard deviations the rank sum of the jumps must lie above that of
    any phase: with 500 of them, 5.5 come by chance in one of 100,000 windows. `epoch` is the length
    of an epoch in samples, if it is known.

    >>> batches = np.random.default_rng(0).normal(1, 0.1, 64)
    >>> noise = np.random.default_rng(1).normal(0, 0.02, 512)
    >>> found = repetition(np.repeat(batches, 8) + noise, 5.5)
    >>> found.period if found else None
    8
    """
    changes = np.diff(losses)
    sizes = np.abs(changes)
    if not len(sizes) or np.count_nonzero(sizes <= _DUST * np.abs(losses[1:])) > _STANDS * len(
        sizes
    ):
        return None
    found, phase = _best(sizes)
    if found.deviations < deviations or found.jump < _TIMES * found.within:
        return None
    if epoch is not None and _is_of_its_order(epoch, found.period):
        return None
    if _comes_again(changes, found.period, epoch):
        return None
    blocks = losses[(phase + 1) % found.period :]
    blocks = blocks[: len(blocks) // found.period * found.period].reshape(-1, found.period)
    return None if _alternates(blocks) or _averages(blocks) else found


def _best(sizes: Floats) -> tuple[Repetition, int]:
    """Return the period of which one phase stands out most by its rank sum, and that phase."""
    ranks, count = _ranks(sizes), len(sizes)
    best, period, phase = -np.inf, 1, 0
    for candidate in range(2, min(LONGEST, count // _FEWEST) + 1):
        folds = count // candidate
        # The ranks are those among all changes: the few at the end shift them by nothing.
        totals = ranks[: folds * candidate].reshape(folds, candidate).sum(axis=0)
        spread = (folds * (count - folds) * (count + 1) / 12) ** 0.5
        z = (float(totals.max()) - folds * (count + 1) / 2) / spread
        if z > best:
            best, period, phase = z, candidate, int(totals.argmax())
    folds = count // period
    medians = medians_of(sizes[: folds * period].reshape(folds, period).T)
    within = float(np.max(np.delete(medians, phase), initial=0.0))
    return Repetition(period, float(medians[phase]), within, best), phase


def _ranks(values: Floats) -> Floats:
    """Return the rank of each value from 1 on; equal ones share the mean of theirs."""
    _, owner, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[owner]
    return ranks


def _is_of_its_order(epoch: float, period: int) -> bool:
    """Return whether the order within an epoch of few periods may make them.

    >>> _is_of_its_order(40, 4), _is_of_its_order(21, 4), _is_of_its_order(480, 4)
    (True, False, False)
    """
    rest = abs(epoch - period * round(epoch / period))
    return epoch < _EPOCH * period and rest <= _WHOLE


def _comes_again(changes: Floats, period: int, epoch: float | None) -> bool:
    """Return whether the changes of one epoch come again in the next, of known length or any.

    What a repeated batch does to the loss it does in each period, and so at all lags that are apart
    by whole periods: what one lag has beyond those is the order of an epoch.
    """
    count = len(changes)
    lags = np.arange(2 * period, count // 2 + 1)
    alike = np.array([_correlation(changes[lag:], changes[:-lag]) for lag in lags.tolist()])
    for rest in range(period):
        alike[rest::period] -= median_of(alike[rest::period])
    # Of one block the changes are much alike, so that only the blocks are independent.
    deviations = alike * np.sqrt((count - lags) / period)
    at = round(epoch or 0.0) - 2 * period
    if 0 <= at < len(lags) and deviations[at] > _AT_ONE_LAG:
        return True
    return bool(((alike > _SAME_ORDER) & (deviations > _BY_CHANCE)).any())


def _alternates(blocks: Floats) -> bool:
    """Return whether the blocks, one a row, go up and down in turn."""
    steps = np.diff(medians_of(blocks))
    return _correlation(steps[1:], steps[:-1]) < _ALTERNATES


def _averages(blocks: Floats) -> bool:
    """Return whether a block is a mean that begins anew: its end varies less than its beginning.

    The mean of k losses varies by 1 / sqrt(k) of what one does, and one batch as much as before.
    """
    first, last = (
        median_of(np.abs(np.diff(column))) / max(abs(median_of(column)), _TINY)
        for column in (blocks[:, 0], blocks[:, -1])
    )
    return bool(last < (1 + blocks.shape[1] ** -0.5) / 2 * first)


def _correlation(left: Floats, right: Floats) -> float:
    """Return the correlation of changes; of outliers no more than their direction counts."""
    if len(left) < _FEWEST - 2:
        return 0.0
    both = np.concatenate((left, right))
    limit = 3 * median_of(np.abs(both))
    left, right = np.clip(left, -limit, limit), np.clip(right, -limit, limit)
    power = float((left @ left) * (right @ right)) ** 0.5
    return float(left @ right) / power if power > 0 else 0.0
