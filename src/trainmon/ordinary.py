"""What makes a jump of a loss ordinary: an epoch's border, a raised learning rate, smoothing."""

import numpy as np

from trainmon.store.batch import Floats
from trainmon.windows import WINDOW

AROUND = 10
"""Records within which a learning rate is raised at once, and epochs are compared."""

SHORT_BIAS = 5.0
"""Taking out a line lowers the autocorrelation of n smoothed values by about this over n."""

_MOSTLY = 0.5
"""Share of records that begin an epoch from which on each record counts as one."""


def at_border(epochs: Floats, share: float) -> bool:
    """Return whether the last of some consecutive records stands at the border of an epoch.

    Epochs are fractions, of which the last one must be near to a whole number, or whole numbers,
    of which one of the last two must be new. Where each record is an epoch there is no border.
    """
    told = epochs[np.isfinite(epochs)]
    if len(told) <= 1 or not np.isfinite(epochs[-1]):
        return False
    if (told != np.round(told)).any():
        return bool(abs(told[-1] - round(told[-1])) < share)
    new = np.diff(told) != 0
    return bool(new[-2:].any() and new.mean() < _MOSTLY)


def raised(rates: Floats, factor: float) -> bool:
    """Return whether a learning rate was raised just now, or had fallen and began anew."""
    if len(rates) and rates[-1] > factor * rates[-AROUND:].min():
        return True
    foot, top = rates[:-AROUND], rates[AROUND:]
    fallen = np.maximum.accumulate(foot) > factor * foot
    return bool((fallen & (top > factor * foot))[-WINDOW:].any())


def lag_1(window: Floats) -> float:
    """Return the lag-1 autocorrelation of a window after taking out its straight line."""
    x = np.arange(len(window)) - (len(window) - 1) / 2
    rest = window - window.mean() - x * (x @ window) / (x @ x)
    power = float(rest @ rest)
    return float(rest[1:] @ rest[:-1]) / power if power > 0 else 0.0
