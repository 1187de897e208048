"""Evaluations whose metrics are no level that a model held: those of a guess, or of few answers."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.going_down import goes_down
from trainmon.evaluating.metrics import groups, quantity_of, values_at
from trainmon.roles import Role
from trainmon.rule import LOOKBACK, Block


@dataclass(frozen=True, slots=True)
class Untaught:
    """When an early best is that of an untrained model, which calls many samples positive."""

    ranks: float
    """An AUROC above it is that of a model that has learned something."""
    learned: float
    """Of the validation loss at the best: it has fallen by this since."""
    ranked: float
    """Of AUROC: it has risen by this since, where no such loss is told."""
    steps: int
    """Evaluations since then of which each has a lower validation loss than the one before."""
    down: float
    """Of the validation loss: they have lowered it by this."""

    def learns(self, context: Context, block: Block, best_row: int, row: int) -> bool:
        """Return whether a model that did not rank at its best has learned something since."""
        rankings = [name for name in context.names(Role.VAL_METRIC) if quantity_of(name) == "auroc"]
        before = [_last(name, block, best_row) for name in rankings]
        if any(auroc > self.ranks for auroc in before):
            return False
        then, now = (_last(context.val_loss, block, at) for at in (best_row, row))
        if np.isfinite(then) and np.isfinite(now):
            learned = then - now > self.learned * abs(then)
            return learned or self._goes_down(context, block, best_row, row)
        after = [_last(name, block, row) for name in rankings]
        return any(b - a > self.ranked for a, b in zip(before, after, strict=True))

    def _goes_down(self, context: Context, block: Block, best_row: int, row: int) -> bool:
        """Return whether the validation loss has gone down at each evaluation since the best."""
        since = block.before(context.val_loss, LOOKBACK, row + 1)
        values = since.values[since.rows >= best_row]
        return goes_down(values, max(self.steps, len(values)), self.down)


def is_of_few(context: Context, block: Block, name: str, row: int, found: float) -> bool:
    """Return whether a metric is a precision of a handful of predictions.

    They find less than `found` of what there is, by the recall or the F1 of the same evaluation.
    """
    if quantity_of(name) != "precision":
        return False
    group = next((it for it in groups(context) if name in it.names.values()), None)
    values = values_at(context, block, group, row) if group else {}
    recall = values.get("recall", values.get("f1"))
    return recall is not None and recall < found


def _last(name: str | None, block: Block, row: int) -> float:
    """Return the last value of a metric up to a row; NaN without one."""
    values = block.before(name, 1, row + 1).values
    return float(values[0]) if len(values) else np.nan
