"""Whether evaluations swing from good to bad and back, or a training loss alternates."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.metrics import scale_of
from trainmon.learning.chance_metrics import last_evaluation
from trainmon.learning.small_sets import is_ratio
from trainmon.medians import median_of
from trainmon.roles import Direction
from trainmon.rule import Block
from trainmon.store.batch import Floats

_FEW = 100
"""Examples of an evaluation whose values tell nothing of swings."""


@dataclass(frozen=True, slots=True)
class Swings:
    """What counts as a swing."""

    turns: float
    """Of the changes go back."""
    swing: float
    """Of the loss."""
    swing_share: float
    """Of a share."""
    errors: float
    """Times the sampling error of a share."""
    alternates: float
    """Of the changes of a training loss."""
    beat: float
    """Of its level."""

    def alternate(self, values: Floats) -> bool:
        """Return whether the values of a training loss alternate."""
        level = abs(median_of(values))
        far = median_of(np.abs(np.diff(values))) > self.beat * level
        return far and share_of_turns(values) >= self.alternates

    def are_bad(self, context: Context, block: Block, row: int, name: str, values: Floats) -> bool:
        """Return whether evaluations swing, and are no better for it."""
        if share_of_turns(values) < self.turns or _improves(context, name, values):
            return False
        swing = median_of(np.abs(np.diff(values)))
        if context.direction(name) != Direction.HIGHER:
            return swing > self.swing * abs(median_of(values))
        scale = scale_of(context, block, name, row) or 1.0
        shares = values * scale
        if not ((shares >= 0) & (shares <= 1)).all():
            return False
        count = last_evaluation(block, row).n
        if count is None:
            few = all(is_ratio(share, _FEW) for share in shares.tolist())
            return not few and swing * scale > self.swing_share
        middle = median_of(shares)
        error = sqrt(middle * (1 - middle) / count)
        return swing * scale > max(self.swing_share, self.errors * error)


def _improves(context: Context, name: str, values: Floats) -> bool:
    """Return whether the best of the later half is better than that of the first."""
    signed = values if context.direction(name) == Direction.HIGHER else -values
    half = len(signed) // 2
    return bool(signed[half:].max() > signed[:half].max())


def share_of_turns(values: Floats) -> float:
    """Return the share of changes that go the other way than the one before.

    >>> share_of_turns(np.array([1.0, 2.0, 1.0, 2.0])), share_of_turns(np.arange(4.0))
    (1.0, 0.0)
    """
    signs = np.sign(np.diff(values))
    return float((signs[1:] * signs[:-1] < 0).mean())
