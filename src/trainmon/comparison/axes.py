"""On which axis two curves can be compared fairly: at equal samples, else epochs, else steps."""

import numpy as np

from trainmon.reference import Axis, Curve, Reference

_FEWEST = 2
"""Points of each curve that must lie on what both have gone through."""

_AGREES = 0.25
"""Relative difference of the samples of an epoch within which steps x batch is what it has seen."""


def common_axis(run: Reference, curve: Curve, other: Reference, counterpart: Curve) -> Axis | None:
    """Return the fairest axis on which both curves can be compared, or None if there is none."""
    for axis in Axis:
        if axis == Axis.SAMPLES and not _trusted(run, curve, other, counterpart):
            continue
        if _overlaps(curve, counterpart, axis):
            return axis
    return None


def _overlaps(curve: Curve, other: Curve, axis: Axis) -> bool:
    places, others = curve.on(axis)[0], other.on(axis)[0]
    if not len(places) or not len(others):
        return False
    first, last = max(places[0], others[0]), min(places[-1], others[-1])
    inside = (np.count_nonzero((each >= first) & (each <= last)) for each in (places, others))
    return bool(first < last) and all(count >= _FEWEST for count in inside)


def _trusted(run: Reference, curve: Curve, other: Reference, counterpart: Curve) -> bool:
    """Return whether samples were counted, or agree with the epochs where both tell those.

    A log whose "step" is an epoch, or a micro-batch, would give any number of samples.
    """
    if run.counted and other.counted:
        return True
    return agree(samples_per_epoch(curve), samples_per_epoch(counterpart))


def agree(samples: float | None, others: float | None) -> bool:
    """Return whether two runs have seen about as many samples, as far as both tell."""
    if samples is None or others is None:
        return True
    return abs(samples - others) <= _AGREES * max(samples, others)


def samples_per_epoch(curve: Curve) -> float | None:
    """Return how many samples an epoch of a curve has; None where either is not told."""
    epochs, samples = (curve.places.get(axis) for axis in (Axis.EPOCH, Axis.SAMPLES))
    if epochs is None or samples is None:
        return None
    told = np.isfinite(epochs) & np.isfinite(samples)
    if np.count_nonzero(told) < _FEWEST:
        return None
    # From place to place, so that epochs may be counted from 0 or from 1.
    epochs_gone, samples_gone = np.ptp(epochs[told]), np.ptp(samples[told])
    return float(samples_gone / epochs_gone) if epochs_gone > 0 and samples_gone > 0 else None
