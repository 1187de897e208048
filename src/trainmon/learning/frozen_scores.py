"""How bad it is that a score, such as an accuracy, is the same to the last bit."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.metrics import quantity_of, scale_of
from trainmon.finite import finite
from trainmon.learning.at_chance import Says, verdict
from trainmon.learning.chance_metrics import last_evaluation
from trainmon.learning.equal_runs import EqualRun
from trainmon.learning.patience import has_waited
from trainmon.learning.small_sets import is_ratio
from trainmon.rule import LOOKBACK, Block, Severity

_RANKINGS = ("auroc", "ap")
"""Scores that move whenever the model does: no threshold keeps them."""


@dataclass(frozen=True, slots=True)
class FrozenScores:
    """When a score that stands says that nothing moves."""

    confirm: int
    """Evaluations in a row behind the warm-up."""
    long: int
    """Evaluations of a score that never moved, at any time."""
    least: float
    """A share below it stands on a few lucky hits."""
    good: float
    """A share at or above it is as good as it gets for many a model."""
    few: int
    """Examples of which none need change sides for a while."""
    falls: float
    """Of the validation loss: it falls by this much meanwhile."""

    def severity(
        self, context: Context, block: Block, row: int, name: str, run: EqualRun
    ) -> Severity | None:
        """Return how bad a run of equal scores is, up to a row; None if it says nothing."""
        share = run.value * (scale_of(context, block, name, row) or 1.0)
        if (
            run.before > 1
            or not self.least < share < self.good
            or not self._had_time(context, block, row, name, run)
        ):
            return None
        count = last_evaluation(block, row).n
        few = count < self.few if count is not None else is_ratio(share, self.few)
        if few or self._learns(context, block, row, name, run):
            return Severity.INFO
        return Severity.WARNING

    def _had_time(self, context: Context, block: Block, row: int, name: str, run: EqualRun) -> bool:
        """Return whether enough evaluations lie behind the gate for a score to move."""
        gate = context.learning_row
        if gate is None:
            return False
        rows = block.before(name, min(run.count, LOOKBACK), row + 1).rows
        if np.count_nonzero(rows >= gate) < self.confirm:
            return False
        return run.count >= self.long or has_waited(context, block, row)

    def _learns(self, context: Context, block: Block, row: int, name: str, run: EqualRun) -> bool:
        """Return whether other signs show that the model learns meanwhile."""
        if verdict(context, block, row).says == Says.LEARNED:
            return True
        if quantity_of(name) in _RANKINGS:
            return False
        losses = block.before(context.val_loss, LOOKBACK, row + 1)
        values = losses.values[losses.rows >= run.since]
        values = finite(values)
        return len(values) > 0 and values[0] - values[-1] > self.falls * abs(values[0])
