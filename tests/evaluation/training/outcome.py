"""What became of a training, and checks of whether a fault acted or a healthy run learned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from trainmon.store.batch import Record


@dataclass(frozen=True, slots=True)
class Outcome:
    """The truth about a training, known whatever its log tells."""

    qualities: Sequence[float]
    """Of each evaluation: 0 is chance, 1 is what every healthy run reaches."""
    losses: Sequence[float]
    """Of each step, as trained on."""
    val_losses: Sequence[float]
    """Of each evaluation, logged or not."""
    records: Sequence[Record]
    onset: float
    """The step at which the fault began to act."""

    @property
    def last(self) -> float:
        """The median quality of the last three evaluations; NaN counts as worthless."""
        recent = [it if isfinite(it) else -np.inf for it in self.qualities[-3:]]
        return float(np.median(recent)) if recent else -np.inf

    @property
    def best(self) -> float:
        """The best quality that was reached."""
        return max((it for it in self.qualities if isfinite(it)), default=-np.inf)


Check = Callable[[Outcome], bool]


TURN = 0.05
"""How far above its best a validation loss may end, as a share: more would be overfitting."""


def learned(outcome: Outcome) -> bool:
    """Return whether a run ended as good as every healthy one, and does not overfit."""
    return outcome.last >= 1.0 and holds(outcome)


def holds(outcome: Outcome) -> bool:
    """Return whether one of the last validation losses is near the best of all."""
    best = min(outcome.val_losses)
    return min(outcome.val_losses[-3:]) <= best + TURN * abs(best)


def worse_than(quality: float) -> Check:
    """Return a check of whether a run ended below this quality."""
    return lambda outcome: outcome.last < quality


def fell_below(share: float) -> Check:
    """Return a check of whether a run ended below a share of the best quality it had had."""
    return lambda outcome: outcome.best > 0.3 and outcome.last < share * outcome.best


def broke(outcome: Outcome) -> bool:
    """Return whether the loss became NaN or infinite and stayed so."""
    return not any(map(isfinite, outcome.losses[-5:]))


def any_of(*checks: Check) -> Check:
    """Return a check of whether any of these holds."""
    return lambda outcome: any(check(outcome) for check in checks)


def all_of(*checks: Check) -> Check:
    """Return a check of whether all of these hold."""
    return lambda outcome: all(check(outcome) for check in checks)


def logged(name: str, holds: Callable[[NDArray[np.float64]], bool]) -> Check:
    """Return a check of the finite values that were logged of a metric."""

    def check(outcome: Outcome) -> bool:
        values = [r[name] for r in outcome.records if isinstance(r.get(name), float | int)]
        return bool(values) and bool(holds(np.array(values, float)))

    return check


def ended_at(quality: float) -> Check:
    """Return a check of whether a run ended at this quality or above, and does not overfit."""
    return lambda outcome: outcome.last >= quality and holds(outcome)


def reached(quality: float) -> Check:
    """Return a check of whether a run was this good at some time."""
    return lambda outcome: outcome.best >= quality
