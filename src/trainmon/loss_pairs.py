"""The training loss beside the validation loss, evaluation by evaluation.

The training loss of an evaluation is taken from both sides of it: in a steep fall the losses before
it are several times as high as what was evaluated, and those after it about as much lower.
"""

from dataclasses import dataclass, replace
from math import inf, isfinite, isnan, nan, sqrt

import numpy as np

from trainmon.context import Context
from trainmon.rule import Block

KEPT = 64
"""Evaluations that are kept: what was true of so many is true."""

_SAMPLES = 50
"""Training losses on each side whose median counts."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One evaluation."""

    row: int
    val: float
    before: float
    """The median of the last training losses before it, since the evaluation before."""
    after: float = nan
    """That of the first ones behind it; NaN while they have not come."""

    @property
    def train(self) -> float:
        """The training loss at the evaluation."""
        if isnan(self.after):
            return self.before
        if min(self.before, self.after) > 0:
            return sqrt(self.before * self.after)
        return (self.before + self.after) / 2

    @property
    def ratio(self) -> float:
        """The training loss in units of the validation loss."""
        return self.train / self.val if self.val > 0 else inf


@dataclass(frozen=True, slots=True)
class Pairs:
    """The last evaluations since the baseline, the newest last."""

    baseline_row: int = 0
    resumed: bool = False
    """Whether the run had begun before the baseline."""
    pairs: tuple[Pair, ...] = ()
    seen: int = 0

    @property
    def last(self) -> Pair:
        """The newest evaluation; there must be one."""
        return self.pairs[-1]

    @property
    def whole(self) -> tuple[Pair, ...]:
        """Those of which both sides are known."""
        return self.pairs[:-1]

    def after(self, context: Context, block: Block, row: int, val: float) -> "Pairs | None":
        """Return the pairs with an evaluation; None where no training loss lies before it."""
        if self.baseline_row != context.baseline_row:
            begun = self.resumed or self.seen > 0
            return Pairs(context.baseline_row, begun).after(context, block, row, val)
        first = self.pairs[-1].row + 1 if self.pairs else self.baseline_row
        every = block.lane.samples(context.train_loss)
        start, stop = every.positions(first, row + 1)
        before = _median(every.values[max(start, stop - _SAMPLES) : stop])
        if not isfinite(val) or isnan(before):
            return None
        pairs = self.pairs
        if pairs:
            after = _median(every.values[start : min(stop, start + _SAMPLES)])
            pairs = (*pairs[:-1], replace(pairs[-1], after=after))
        return replace(self, pairs=(*pairs, Pair(row, val, before))[-KEPT:], seen=self.seen + 1)


def _median(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else nan
