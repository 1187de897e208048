"""Which updates are far too small or too large beside the weights, and which are none at all."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import rates_at
from trainmon.courses.lasting import Flags, Levels, Windows
from trainmon.digest import Digest
from trainmon.rule import Block
from trainmon.store.batch import Floats

OUTSIDE, STILL = 1, 2
"""How bad a cell is: its ratio lies outside what is usual, or is exactly 0."""


@dataclass(frozen=True, slots=True)
class UpdateSizes:
    """What is usual of the ratio of updates to weights."""

    lowest: float
    """Of the weights."""
    highest: float
    """Of the weights."""
    warm: float
    """Of the configured rate: from here on weights move visibly."""
    tail: float
    """Of the highest rate: below it a schedule is at its end."""
    inside: float
    """Times within the limits: there it is over."""

    def are_usual(self, medians: Floats) -> bool:
        """Return whether all of some ratios are, at any learning rate."""
        return bool(self.lowest <= medians.min() and medians.max() <= self.highest)

    def levels(
        self, context: Context, block: Block, every: Windows, highest: Floats
    ) -> tuple[Levels, Flags]:
        """Return how bad each cell is, and which lie well inside the limits.

        `highest` is the highest learning rate up to each: where the rate is low, so is the ratio.
        """
        digest, at = every.digest, every.first
        median, rows = digest.median[at], digest.rows[at]
        rates = rates_at(context, block, rows)
        share = np.minimum(rates / highest, 1.0)
        behind = np.zeros(len(at), np.bool_)
        if context.learning_row is not None:
            behind = digest.first_rows[at] >= context.learning_row
        if context.positive("lr"):
            behind |= share >= self.warm
        asleep = (share < self.tail) | (rates == 0)
        still = (digest.low[at] == 0) & (digest.high[at] == 0)
        below = (median < self.lowest * share) & ~still
        outside = below | (median > self.highest)
        levels = np.where(still, STILL, OUTSIDE * outside) * (behind & ~asleep)
        calm = ~still & ~(median < self.inside * self.lowest * share)
        return levels.astype(np.int8), calm & (median <= self.highest / self.inside)


def highest_rates(before: float, block: Block, every: Windows, rates: Digest) -> Floats:
    """Return for each window the highest learning rate up to then; 0 where none is logged.

    `before` is the highest one before the block.
    """
    begin = rates.since(block.start)
    highest = np.fmax.accumulate(np.concatenate(((before,), rates.high[begin:])))
    ends = np.searchsorted(rates.rows, every.digest.rows[every.first], side="right")
    return highest[np.maximum(ends - begin, 0)]
