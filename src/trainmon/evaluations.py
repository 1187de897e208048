"""What evaluations tell besides their metrics: how many examples they count, how noisy they are."""

from bisect import bisect_right

import numpy as np

from trainmon.record import EventKind
from trainmon.rule import Block
from trainmon.windows import MAD_TO_SIGMA

_FEWEST = 3
"""Evaluations whose second differences tell a noise."""


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
    return float(np.median(np.abs(np.diff(recent, n=2)))) * MAD_TO_SIGMA / 6**0.5
