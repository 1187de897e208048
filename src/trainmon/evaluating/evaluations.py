"""What evaluations tell: how many examples they count, how noisy they are, which metric holds."""

from bisect import bisect_right
from collections.abc import Callable, Collection

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trainmon.context import Context
from trainmon.courses.windows import MAD_TO_SIGMA
from trainmon.finite import finite
from trainmon.medians import median_of, medians_of
from trainmon.record import EventKind
from trainmon.roles import Direction
from trainmon.rule import Block

_FEWEST = 3
"""Evaluations that tell anything: a second difference takes three, and so does a course."""

_LOOKED_AT = 200
"""Evaluations looked back over for the best one."""

_TRAIN_SAMPLES = 50
"""Training losses whose median is the level at an evaluation."""


def sample_count(block: Block, row: int) -> int | None:
    """Return how many examples the evaluations up to `row` were counted over, if told.

    Positives come first: a true-positive rate moves in steps of one over their number.
    """
    events = block.lane.events
    for index in range(bisect_right(events, row, key=lambda event: event.row) - 1, -1, -1):
        event = events[index]
        if event.kind != EventKind.EVALUATION:
            continue
        counts = [event.fields.get(key) for key in ("positives", "n")]
        return next((int(n) for n in counts if isinstance(n, (int, float)) and n > 0), None)
    return None


def noise(recent: tuple[float, ...]) -> float:
    """Return the standard deviation of one evaluation, from second differences of several.

    A trend leaves those alone. 0 while there are fewer than three.

    >>> noise((1.0, 2.0, 3.0, 4.0))
    0.0
    """
    if len(recent) < _FEWEST:
        return 0.0
    # A second difference of independent noise has 1 + 4 + 1 times its variance.
    return median_of(np.abs(np.diff(recent, n=2))) * MAD_TO_SIGMA / 6**0.5


def smooth_noise(recent: tuple[float, ...]) -> float:
    """Return the standard deviation of one evaluation around a course that may turn.

    From third differences, which a course that bends alone leaves at nothing, or from second ones
    where these tell less. 0 while there are fewer than three.

    >>> smooth_noise((4.0, 1.0, 0.0, 1.0, 4.0))
    0.0
    """
    found = noise(recent)
    if len(recent) <= _FEWEST + 1:
        return found
    # A third difference of independent noise has 1 + 9 + 9 + 1 times its variance.
    third = median_of(np.abs(np.diff(recent, n=3))) * MAD_TO_SIGMA / 20**0.5
    return min(found, third)


def noise_of_late(recent: tuple[float, ...], told: Callable[..., float] = noise) -> float:
    """Return the noise of one evaluation, that of the last few where it has grown.

    Models that are averaged over few clients, or trained at a high rate, get noisier as they learn.

    >>> steady = (1.0, 1.1, 1.0, 1.1, 1.0, 1.1, 1.0, 1.1, 1.0)
    >>> noise_of_late((*steady, 0.5, 1.2, 0.6, 1.4, 0.7, 1.2)) > 3 * noise_of_late(steady)
    True
    """
    return max(told(recent), told(recent[-_LATELY:]))


_LATELY = 8
"""Evaluations that tell the noise of late."""


def holds(context: Context, block: Block, name: str, row: int, slack: float) -> bool:
    """Return whether a metric is about as good as ever at `row`: within `slack` of its best.

    The best itself may be among the last three evaluations; else their mean counts.
    """
    direction = context.direction(name)
    values = block.before(name, _LOOKED_AT, row + 1).values
    values = finite(values)
    if direction == Direction.UNKNOWN or len(values) < _FEWEST:
        return False
    signed = values if direction == Direction.HIGHER else -values
    best, recent = signed.max(), signed[-_FEWEST:]
    return bool(recent.max() == best or recent.mean() >= best - slack * abs(best))


def sets_bests(context: Context, block: Block, name: str, row: int) -> bool:
    """Return whether a metric at `row` still gets better than it ever was, or can hardly.

    A best of the last three evaluations counts, or a share at its best that is good anyway.
    """
    if not holds(context, block, name, row, 0.0):
        return False
    values = block.before(name, _LOOKED_AT, row + 1).values
    values = finite(values)
    signed = values if context.direction(name) == Direction.HIGHER else -values
    earlier, recent = signed[:-_FEWEST], signed[-_FEWEST:]
    return not len(earlier) or bool(recent.max() > earlier.max() or recent.max() >= _GOOD)


def all_suffer(
    context: Context, block: Block, names: Collection[str], row: int, slack: float, noises: float
) -> bool:
    """Return whether each of some metrics has got worse for sure, and one by more than `slack`.

    What each has lost, from one median of three evaluations to another, is beyond `noises`
    times its noise.
    """
    lost = [_lost(context, block, name, row, noises) for name in names]
    return bool(lost) and min(lost) > _HARDLY * slack and max(lost) > slack


def _lost(context: Context, block: Block, name: str, row: int, noises: float) -> float:
    """Return the share of its best that a metric has lost for sure; 0 where that is not told."""
    values = finite(block.before(name, _LOOKED_AT, row + 1).values)
    direction = context.direction(name)
    if direction == Direction.UNKNOWN or len(values) <= 2 * _FEWEST:
        return 0.0
    signed = values if direction == Direction.HIGHER else -values
    medians = medians_of(sliding_window_view(signed, _FEWEST))
    best, now = float(medians.max()), float(medians[-1])
    sure = best - now > noises * noise(tuple(signed[-_NOISE_OF:].tolist()))
    return (best - now) / abs(best) if sure and best else 0.0


_HARDLY = 0.1
"""Of what a metric may lose and still hold: less is nothing, however little noise it has."""


def improves(context: Context, block: Block, name: str, row: int) -> bool:
    """Return whether a metric at `row` goes on to a new best, by more than one evaluation errs.

    One of the last three is the best there was, and their mean is beyond the usual one before.
    """
    direction = context.direction(name)
    values = finite(block.before(name, _LOOKED_AT, row + 1).values)
    if direction == Direction.UNKNOWN or len(values) <= _FEWEST:
        return False
    signed = values if direction == Direction.HIGHER else -values
    earlier, recent = signed[:-_FEWEST], signed[-_FEWEST:]
    error = noise(tuple(signed[-_NOISE_OF:].tolist()))
    best = recent.max() > earlier.max()
    return bool(best and recent.mean() - np.median(earlier) > error)


_NOISE_OF = 8
"""Evaluations whose second differences tell the noise."""

_GOOD = 0.9
"""Of a share: more has little left to gain."""


def train_level(context: Context, block: Block, last_row: int, row: int) -> float:
    """Return the median training loss since the last evaluation; NaN if there is none."""
    samples = block.before(context.train_loss, _TRAIN_SAMPLES, row + 1)
    values = samples.values[samples.rows > last_row]
    values = finite(values)
    return median_of(values) if len(values) else float("nan")
