"""How bad it is that a validation loss, or another measure as fine, is the same to the last bit."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.finite import finite
from trainmon.learning.chance_metrics import is_good
from trainmon.learning.equal_runs import EqualRun
from trainmon.learning.never_moved import digits
from trainmon.learning.patience import Place
from trainmon.medians import median_of
from trainmon.rule import LOOKBACK, Block, Severity


@dataclass(frozen=True, slots=True)
class FrozenLosses:
    """When a loss that stands says that nothing moves."""

    confirm: int
    """Evaluations in a row."""
    confirm_rounded: int
    """The same, of a loss with few digits."""
    digits: int
    """Digits that no two models share by accident."""
    wasted: int
    """Evaluations from which on it is an error."""
    tail: float
    """Of its peak: below it a learning rate may change no bit."""
    near_end: float
    """Of the plan: only from here on that is as it should be."""
    solved: float
    """Of the first training loss: below it nothing is left to move a weight."""

    def severity(
        self, context: Context, block: Block, row: int, name: str, run: EqualRun
    ) -> Severity | None:
        """Return how bad a run of equal losses is, up to a row; None if it says nothing."""
        first = not run.before
        if not first and name != context.val_loss and _val_loss_moves(context, block, row, run):
            return None
        if run.value == 0 and is_good(context, block, row):
            return Severity.INFO if first else None
        if run.value == 0:
            wanted = self.confirm if first else LOOKBACK
        elif digits(run.value) >= self.digits:
            wanted = self.confirm
        else:
            wanted = self.confirm_rounded if first else LOOKBACK
        if run.count < wanted or (not first and self._ends(context, block, row)):
            return None
        if not first and self._is_solved(context, block, row, run):
            return Severity.INFO
        return Severity.ERROR if run.count >= self.wasted else Severity.WARNING

    def _is_solved(self, context: Context, block: Block, row: int, run: EqualRun) -> bool:
        """Return whether the training loss has been at nothing all the while: no gradient is left.

        It is one of a task whose classes lie apart, or that was learned by heart.
        """
        told = block.lane.samples(context.train_loss)
        losses = block.before(context.train_loss, LOOKBACK, row + 1)
        values = finite(losses.values[losses.rows >= run.since])
        if not len(values) or not told.values[0] > 0:
            return False
        return median_of(np.abs(values)) <= self.solved * float(told.values[0])

    def _ends(self, context: Context, block: Block, row: int) -> bool:
        """Return whether the schedule is at its end, where steps may change no bit."""
        rates = block.before(context.learning_rate, LOOKBACK, row + 1).values
        done = Place.of(context, block, row).done
        if not len(rates) or (done is not None and done < self.near_end):
            return False
        peak = max(float(np.nanmax(rates)), context.positive("lr") or 0.0)
        return bool(rates[-1] <= self.tail * peak)


def _val_loss_moves(context: Context, block: Block, row: int, run: EqualRun) -> bool:
    """Return whether the validation loss had several values while another measure had one.

    Then the model moves, and the measure lies on a grid, as errors of whole ranks do.
    """
    losses = block.before(context.val_loss, min(run.count, LOOKBACK), row + 1)
    values = finite(losses.values[losses.rows >= run.since])
    return len(values) > 1 and bool((values != values[0]).any())
