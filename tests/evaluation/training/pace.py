"""How long steps take: a small model of workers, a prefetching queue and a device.

Worker ``k mod workers`` prepares batch k once it is free and the queue has room; the device takes
batches in order. So a slow batch is felt only when the queue behind it has run dry, as in life.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]

HAND_OVER = 1.5e-3
"""Seconds in which a batch that is ready is handed over and pinned."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a step is made of, in seconds; both times are log-normal, as on real machines."""

    compute: float = 0.09
    compute_spread: float = 0.03
    """Standard deviation of the logarithm."""
    prepare: float = 0.12
    prepare_spread: float = 0.25
    workers: int = 4
    prefetch: int = 2

    def computing(self, steps: int, rng: np.random.Generator) -> Seconds:
        """Return how long the device works on each batch."""
        return self.compute * rng.lognormal(0.0, self.compute_spread, steps)

    def preparing(self, steps: int, rng: np.random.Generator) -> Seconds:
        """Return how long a worker needs for each batch."""
        return self.prepare * rng.lognormal(0.0, self.prepare_spread, steps)


class Times(NamedTuple):
    """Of each step: the wait for its batch and the whole of it, the wait included."""

    data: Seconds
    whole: Seconds


def times(computing: Seconds, preparing: Seconds, pace: Pace, rng: np.random.Generator) -> Times:
    """Return what the training loop measures."""
    steps = len(computing)
    overheads = HAND_OVER * rng.lognormal(0.0, 0.3, steps)
    free = [0.0] * pace.workers
    taken = [0.0] * steps
    waits = np.empty(steps)
    ahead = pace.workers * pace.prefetch
    now = pace.prepare * (2 + pace.workers / 4)  # the loop begins once the queue has begun to fill
    for step in range(steps):
        worker = step % pace.workers
        begun = max(free[worker], taken[step - ahead] if step >= ahead else 0.0)
        free[worker] = begun + preparing[step]
        got = max(now, free[worker]) + overheads[step]
        waits[step] = got - now
        taken[step] = got
        now = got + computing[step]
    return Times(waits, waits + computing)
