"""What makes a jump ordinary: the border of an epoch, a raised learning rate, a smoothed log."""

import numpy as np

from trainmon.context import Context
from trainmon.courses.windows import WINDOW
from trainmon.digest import KEPT
from trainmon.finite import finite
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows, Samples

AROUND = 10
"""Records within which a learning rate is raised at once, and epochs are compared."""

SHORT_BIAS = 5.0
"""Taking out a line lowers the autocorrelation of n smoothed values by about this over n."""

_BEFORE = 3
"""Batches that must have a step time for its absence to tell anything, as some log it rarely."""

_MOSTLY = 0.5
"""Share of records that begin an epoch from which on each record counts as one."""


def at_border(epochs: Floats, share: float) -> bool:
    """Return whether the last of some consecutive records stands at the border of an epoch.

    Epochs are fractions, of which the last one must be near to a whole number, or whole numbers,
    of which one of the last two must be new. Where each record is an epoch there is no border.
    """
    told = finite(epochs)
    if len(told) <= 1 or not np.isfinite(epochs[-1]):
        return False
    if (told != np.round(told)).any():
        return bool(abs(told[-1] - round(told[-1])) < share)
    new = np.diff(told) != 0
    return bool(new[-2:].any() and new.mean() < _MOSTLY)


def opens_epoch(block: Block, samples: Samples, row: int) -> bool:
    """Return whether a wait is that for the first batch of an epoch, or after an evaluation.

    The epoch has changed since two batches ago (the last one of an epoch may already count as the
    next), or a record of something else that tells an epoch stands between this batch and the last.
    """
    (at,) = samples.positions(row)
    if not at:
        return False
    epochs = block.epochs
    between = epochs[samples.rows[at - 1] + 1 : row]
    if len(between) and np.isfinite(between).any():
        return True
    before, here = epochs[samples.rows[max(0, at - 2)]], epochs[row]
    return bool(np.isfinite(before) and np.isfinite(here) and np.floor(before) != np.floor(here))


def opens_pass(waits: Samples, durations: Samples, row: int) -> bool:
    """Return whether a wait is that for one of the first two batches of a pass over the loader.

    The first one has no step time, though those before it have one: no step led from the batch
    before to this one. So a writer's loop tells it, and the first batch after an evaluation.
    """
    (at,) = waits.positions(row)
    timed = _stand_in(durations, waits.rows[max(0, at - _BEFORE - 1) : at + 1])
    return any(
        not timed[place] and place > 0 and all(timed[max(0, place - _BEFORE) : place])
        for place in range(len(timed))[-2:]
    )


def _stand_in(samples: Samples, rows: Rows) -> list[bool]:
    """Return which of some rows hold one of the samples."""
    if not len(samples):
        return [False] * len(rows)
    at = np.minimum(np.searchsorted(samples.rows, rows), len(samples) - 1)
    found: list[bool] = (samples.rows[at] == rows).tolist()
    return found


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


def explained_by_rate(rates: Floats, best: int, *, lost: bool) -> bool:
    """Return whether a risen learning rate explains a loss above its best one.

    `rates` are those up to now, `best` is where the best loss stood among them. A restart explains
    it: the rate had fallen, and is raised again to what it was. So does a warm-up that goes on,
    unless all is `lost` that was learned.

    >>> fallen = np.linspace(1.0, 0.1, 100)
    >>> explained_by_rate(np.concatenate((fallen, fallen[:20])), 99, lost=False)
    True
    >>> explained_by_rate(np.linspace(0.0, 1.0, 100), 40, lost=True)
    False
    """
    if not 0 <= best < len(rates) or not rates[-1] > _HIGHER * rates[best]:
        return False
    highest = rates[: best + 1].max()
    restarted = highest > _HIGHER * rates[best] and rates[-1] <= _AGAIN * highest
    rises = rates[-1] >= rates.max() and rates[-1] > rates[-AROUND:].min()
    return not lost and bool(restarted or rises)


def rate_explains(context: Context, block: Block, rows: tuple[int, int], *, lost: bool) -> bool:
    """Return whether the learning rate explains a loss above its best one, from row to row."""
    digest = block.digest(context.learning_rate)
    best, end = digest.since(rows[0]), digest.since(rows[1] + 1)
    begin = max(0, end - KEPT)
    return explained_by_rate(digest.median[begin:end], best - begin, lost=lost)


_HIGHER = 1.2
"""Times the learning rate at the best loss: less makes no difference."""

_AGAIN = 1.5
"""Times what a learning rate was before: restarts raise it no further."""
