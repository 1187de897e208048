"""How a gradient norm grew from one tenth of the run to the next."""

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.courses.cells import level_at, rate_at
from trainmon.digest import Digest
from trainmon.medians import median_of
from trainmon.rule import Block

LEVEL = 6
"""Cells of a level at a tenth of the run: 48 records."""

_TENTHS = 3
"""Tenths of the run over which a norm grows steadily."""

_CELLS = 125
"""Cells that stand for a tenth where nothing is planned: 1,000 records."""


class Mark(NamedTuple):
    """How the run stood when a tenth of it began."""

    row: int
    level: float
    """The norm."""
    loss: float
    rate: float


@dataclass(frozen=True, slots=True)
class Steadily:
    """What counts as steady growth."""

    decades: float
    """In each tenth, at least."""
    falls: float
    """Of the loss three tenths ago: a run whose loss is below it learns."""
    slower: float
    """Of the learning rate three tenths ago: a rate below it falls."""


class Growth(NamedTuple):
    """The marks of the last tenths."""

    marks: tuple[Mark, ...] = ()
    tenth: int = 0
    """The tenth of the run that the last mark was made in."""

    def marked(self, context: Context, block: Block, digest: Digest, cell: int) -> "Growth":
        """Return the marks after a cell of the norm: with a new one where a tenth begins."""
        row = int(digest.rows[cell])
        if context.planned_steps:
            step = float(block.lane.steps[row])
            tenth = int(10 * step / context.planned_steps) if isfinite(step) else 0
        else:
            tenth = (digest.count - len(digest) + cell) // _CELLS
        if tenth == self.tenth:
            return self
        level = median_of(digest.median[max(0, cell + 1 - LEVEL) : cell + 1])
        loss = level_at(block.digest(context.train_loss), row, LEVEL)
        now = Mark(row, level, loss, rate_at(context, block, row))
        return Growth((*self.marks, now)[-_TENTHS - 1 :], tenth)

    def stays(self, context: Context, block: Block, digest: Digest, begin: int) -> bool:
        """Return whether no tenth begins in the cells from one on, as in most blocks."""
        return bool((tenths(context, block, digest, begin) == self.tenth).all())

    def is_steady(self, limits: Steadily, learning_row: int | None) -> bool:
        """Return whether the norm grew in each tenth, and neither loss nor rate fell meanwhile."""
        if len(self.marks) <= _TENTHS or learning_row is None:
            return False
        began, now = self.marks[0], self.marks[-1]
        growth = np.diff(np.log10([mark.level for mark in self.marks]))
        falls = now.loss < began.loss - (1 - limits.falls) * abs(began.loss)
        slower = now.rate < limits.slower * began.rate
        steady = bool((growth > limits.decades).all())
        return began.row >= learning_row and not falls and not slower and steady


def tenths(context: Context, block: Block, digest: Digest, begin: int) -> NDArray[np.intp]:
    """Return in which tenth of the run each cell from one on ends, or of how many records."""
    if context.planned_steps:
        done = 10 * block.lane.steps[digest.rows[begin:]] / context.planned_steps
        if not isfinite(np.add.reduce(done)):
            done = np.where(np.isfinite(done), done, 0)
        return done.astype(np.intp)
    numbers = np.arange(begin, len(digest)) + digest.count - len(digest)
    return numbers // _CELLS
