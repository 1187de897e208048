"""Whether the losses of several epochs have one shape: the same batches in the same order.

From the losses of each epoch a cubic and an exponential fall are taken out, since every epoch may
fall, step and bend alike. What is left of shuffled epochs has nothing in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainmon.medians import median_of, medians_of
from trainmon.store.batch import Floats

FEWEST = 16
"""Records of an epoch that have a shape beyond a cubic."""

_MOST = 64
"""Parts into which a longer epoch is cut; each counts by its median."""

_OF_A_PART = 16
"""Losses of a part that are looked at, or a few more; others of a long epoch tell the same."""

_FIRST = 2
"""Records at the beginning of an epoch that are left out at least."""

_BEGINNING = 8
"""Part of an epoch that is left out: what begins anew there takes its time, in any order."""

_DEGREE = 3
"""Of the polynomial that is taken out: a fall that flattens, with a step at the border."""

_FALL = 12.0
"""Rate of the exponential that is taken out, per epoch: with a cubic it makes those of 4 to 30."""

_TAKEN = _DEGREE + 2
"""Numbers that are fitted to each epoch."""

_SURE = 0.999
"""A correlation beyond which nothing is surer."""

_OF_A_PERIOD = 0.25
"""By how much less a correlation at any other lag than 1 counts: one of many is high by chance."""

_DUST = 1e-6
"""Of the losses: what is less around them is the rounding of float32, and no shape."""

_TAILS = 4.0
"""Robust standard deviations beyond which a loss counts as one there."""


@dataclass(frozen=True, slots=True)
class EpochShape:
    """What some epochs have in common."""

    similarity: float
    """The mean correlation between two epochs."""
    deviations: float
    """The same in standard deviations of what shuffled epochs have."""
    order: float
    """The correlation of neighbours in the common shape, or of those a period apart less 0.25.

    It is about 0 for a random order that comes again.
    """
    amplitude: float
    """The standard deviation of the common shape, in units of the loss."""
    noise: float
    """That of one epoch around it."""
    noise_order: float
    """The correlation of neighbours in what is left of each: that of an average is its own."""


def epoch_shape(epochs: Sequence[Floats]) -> EpochShape | None:
    """Return what the losses of epochs have in common; None where they are too few or constant.

    Losses that differ by the rounding of their numbers alone are constant.

    >>> shape, rng = np.random.default_rng(0).normal(1, 0.1, 32), np.random.default_rng(1)
    >>> found = epoch_shape([shape + rng.normal(0, 0.02, 32) for _ in range(3)])
    >>> found is not None and found.similarity > 0.9 and found.deviations > 6
    True
    """
    shortest = min(len(losses) for losses in epochs)
    parts = shortest if shortest < 2 * _MOST else _MOST
    if parts < FEWEST:
        return None
    first = max(_FIRST, parts // _BEGINNING)
    cut = [_cut(losses, parts)[first:] for losses in epochs]
    levels = np.array([_rest(losses) for losses in cut])
    if (np.abs(levels).max(axis=1) <= _DUST * np.abs(cut).max(axis=1)).any():
        return None
    changes = np.array([_rest(np.diff(losses)) for losses in cut])
    # The changes tell of smooth shapes, whose neighbours are too much alike to count.
    alike = max(_alike(levels), _alike(changes), key=lambda each: each[1])
    if not np.isfinite(alike[1]):
        return None
    common = levels.mean(axis=0)
    left = levels - common
    power = float((left**2).sum())
    of_left = float((left[:, 1:] * left[:, :-1]).sum()) / power if power > 0 else 0.0
    amplitude, noise = float(common.std()), float(left.std())
    return EpochShape(*alike, _order(common), amplitude, noise, of_left)


def _alike(rests: Floats) -> tuple[float, float]:
    """Return the mean correlation between two of some rows, and how surely it is none by chance."""
    norms = np.sqrt((rests**2).sum(axis=1))
    if not (norms > 0).all():  # constant, or not finite
        return 0.0, -np.inf
    units = rests / norms[:, None]
    count, length = units.shape
    pairs = count * (count - 1) / 2
    similarity = float((units.sum(axis=0) ** 2).sum() - count) / (2 * pairs)
    # Neighbours that are alike leave fewer independent values to correlate.
    alike = abs(float((units[:, 1:] * units[:, :-1]).sum(axis=1).mean()))
    free = max(2.0, (length - _TAKEN) * (1 - alike) / (1 + alike))
    # Fisher's transform of a correlation is near normal, whatever the correlation.
    return similarity, float(np.arctanh(min(similarity, _SURE)) * np.sqrt(free * pairs))


def _order(common: Floats) -> float:
    """Return how much the common shape is one of neighbours or of a period."""
    power = float(common @ common)
    if power <= 0:
        return 0.0
    lags = range(1, len(common) // 4 + 1)
    alike = [float(common[lag:] @ common[:-lag]) / power for lag in lags]
    return max(alike[0], *(each - _OF_A_PERIOD for each in alike[1:]))


def _cut(losses: Floats, parts: int) -> Floats:
    """Return the medians of consecutive parts of an epoch; a part may be a single loss."""
    length = len(losses) // parts
    if length < 2:  # noqa: PLR2004 - a median of one is that one
        return losses[:parts]
    pieces = losses[: length * parts].reshape(parts, length)
    return medians_of(pieces[:, :: max(1, length // _OF_A_PART)])


def _rest(losses: Floats) -> Floats:
    """Return what a smooth fall leaves of the losses of an epoch, without outliers."""
    place = np.linspace(0, 1, len(losses))
    smooth = np.column_stack((np.vander(2 * place - 1, _DEGREE + 1), np.exp(-_FALL * place)))
    basis = np.linalg.qr(smooth)[0]
    rest = losses - basis @ (basis.T @ losses)
    limit = _TAILS * 1.4826 * median_of(np.abs(rest))
    rest = np.clip(rest, -limit, limit)
    centred: Floats = rest - rest.mean()
    return centred
