"""Whether a metric of hits has been at nothing, or next to it, for too long."""

from dataclasses import dataclass, replace

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.evaluations import train_level
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.going_down import val_loss_goes_down
from trainmon.learning.patience import Place, is_late, is_over
from trainmon.rule import Block


@dataclass(frozen=True, slots=True)
class Hits:
    """A metric of hits since the baseline."""

    metric: str = ""
    evaluations: int = 0
    best: float = -np.inf
    """As the log tells it: a share, or percent."""
    zeros: int = 0
    """Evaluations in a row in which all metrics of hits were 0."""
    since: int = 0
    """The row of the first evaluation."""

    def upto(self, evaluations: int, best: float) -> "Hits":
        """Return it with as many evaluations, and the best of them."""
        return replace(self, evaluations=evaluations, best=best)

    def counted(self, *, zero: bool) -> "Hits":
        """Return it with one more evaluation at 0 in a row, or with none."""
        return replace(self, zeros=self.zeros + 1 if zero else 0)


@dataclass(frozen=True, slots=True)
class TooLong:
    """How long a metric may be at nothing."""

    confirm: int
    """Evaluations in a row at 0."""
    nothing: float
    """A share below it all along is next to nothing."""
    few: int
    """Evaluations below it, past a third of the plan."""
    many: int
    """Evaluations below it, without a plan."""
    falling: float
    """Of the training loss between evaluations, or of the validation loss over them: it goes on."""
    slow: int
    """Evaluations from which on a validation loss that goes down excuses nothing."""
    back: float
    """A share above it is something."""
    half: float
    """Of the plan: by then a threshold would have been reached."""
    expected: float
    """Hits of that many predictions by chance: one of them would be right."""

    def is_reached(
        self, hits: Hits, context: Context, block: Block, row: int, *, zero: bool, scale: float
    ) -> bool:
        """Return whether the metric has been at nothing for long enough.

        `zero` tells whether it is 0 now, and `scale` makes a share of it.
        """
        best = hits.best * scale
        if best > self.back:
            return False
        if zero and best < self.nothing and is_over(context, block, row):
            return True
        if not is_late(context, block, row):
            return False
        young = self._loss_falls(context, block, row, hits.metric) or (
            hits.evaluations < self.slow
            and val_loss_goes_down(context, block, row, self.confirm + 1, self.falling)
        )
        if young and (Place.of(context, block, row).done or 0.0) < self.half:
            return hits.evaluations >= self.many
        if zero and hits.zeros >= self.confirm:
            return True
        done = Place.of(context, block, row).done
        wanted = self.many if done is None else self.few
        recent = block.before(hits.metric, wanted, row + 1).values
        return len(recent) >= wanted and float(np.nanmax(recent)) * scale < self.nothing

    def is_sure(self, hits: Hits, context: Context, row: int, told: EvaluationEvent) -> bool:
        """Return whether so many positives are predicted that by chance some would be right."""
        gate = context.learning_row
        if hits.zeros < self.confirm or gate is None or row < gate:
            return False
        if told.tells_two_shares:
            return (told.n or 0) * told.predicted[1] * told.actual[1] >= self.expected
        return True  # as the accuracies tell, which take as many evaluations

    def _loss_falls(self, context: Context, block: Block, row: int, name: str) -> bool:
        """Return whether the training loss still falls from one evaluation to the next."""
        rows = block.before(name, _BORDERS, row + 1).rows.tolist()
        if len(rows) < _BORDERS:
            return True
        before = train_level(context, block, rows[0], rows[1])
        now = train_level(context, block, rows[1], rows[2])
        return before - now > self.falling * abs(before)


_BORDERS = 3
"""Evaluations between which two levels of the training loss lie."""
