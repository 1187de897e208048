"""Which cells hold a gradient norm that is 0 or next to nothing, while the loss stands."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import losses_fallen
from trainmon.courses.lasting import Levels, Windows
from trainmon.rule import Block

_TINY, _ZERO = 1, 2
"""How bad a cell is."""


@dataclass(frozen=True, slots=True)
class Vanishing:
    """What counts as next to nothing, and as standing."""

    tiny: float
    """Of a norm: below it float32 weights do not change any more."""
    stands: float
    """Of the first loss: a run that has lost less has learned little."""
    converged: float
    """Of the first loss: a run that has lost as much may need no gradient."""
    stands_unmeasured: float
    """Of the first loss, where the norm may not be measured; and lately, anywhere."""
    unmeasured: int
    """Cells before it is said of such a norm."""

    def grades(
        self,
        context: Context,
        block: Block,
        every: Windows,
        first_loss: float,
        *,
        was_above: bool,
        from_start: bool,
    ) -> Levels:
        """Return how bad each cell is: with a tiny norm or none while the loss stands.

        `was_above` tells whether the norm was ever above 0 before, and `from_start` whether the log
        begins with the run.
        """
        digest, at = every.digest, every.first
        high, low = digest.high[at], digest.low[at]
        zero = (high == 0) & (low == 0) & (digest.bad[at] == 0)
        tiny = (high < self.tiny) & ~zero
        if context.learning_row is None or not (zero | tiny).any():
            return np.zeros(len(at), np.int8)
        above = np.logical_or.accumulate(high > 0) | was_above
        gone, lately = losses_fallen(context, block, first_loss, digest.rows[at])
        number = digest.count - len(digest) + at
        # The norm of a log that begins late, or has none above 0, may not be measured at all.
        unmeasured = (gone < self.stands_unmeasured) & (number >= self.unmeasured)
        unmeasured &= from_start
        grades = np.where(tiny & (gone < self.stands), _TINY, 0)
        grades[zero & above & (gone < self.converged) & ~(lately > self.stands_unmeasured)] = _ZERO
        grades[zero & ~above & unmeasured] = _TINY
        return (grades * (digest.first_rows[at] >= context.learning_row)).astype(np.int8)
