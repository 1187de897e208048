"""What excuses a loss that has left its best level: an evaluation, a rate, an average, a weight."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from trainmon.context import Context
from trainmon.courses.ordinary import rate_explains
from trainmon.courses.short_rises import Rise, rise_at, thrown_up_at
from trainmon.digest import Digest
from trainmon.losses.above_best import Reached
from trainmon.losses.reweighted import is_reweighted
from trainmon.losses.rival_losses import has_rivals
from trainmon.losses.validated import is_due, still_good
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows


class Excuse(Enum):
    """What is to be done about a level that stands high."""

    WAITS = auto()
    """Nothing yet: the next evaluation will tell."""
    ANEW = auto()
    """From here on a new best is looked for."""


@dataclass(frozen=True, slots=True)
class Excuses:
    """What counts as an excuse."""

    at_once: float
    """Times the first loss: worse is told without waiting for the next evaluation."""
    settling: int
    """Cells in which an average still climbs from its first value."""
    beyond: float
    """Times the first level: further than an average climbs."""
    settled: float
    """Steps from which on a few records decide where nothing tells of a warm-up."""
    given_back: float
    """Of what was learned: less is no divergence."""
    times_best: float
    """Times the best level, at the weights of now: below it parts are only weighted otherwise."""

    def of_level(
        self, context: Context, block: Block, row: int, reached: Reached, rise: Rise, digest: Digest
    ) -> Excuse | None:
        """Return what excuses a level, at the row where its last cell is complete; else None."""
        level, first, best_row = rise.level, reached.first, reached.best_row
        if level < self.at_once * first and is_due(context, block, rise.onset, row):
            return Excuse.WAITS
        cell_of_best = digest.count - len(digest) + digest.since(best_row)
        maybe_average = context.observed.smoothed is not False  # it takes 256 samples to be sure
        if maybe_average and cell_of_best < self.settling and level < self.beyond * first:
            return Excuse.ANEW
        explained = rate_explains(context, block, (best_row, row), lost=level >= first)
        if explained or still_good(context, block, rise.onset, row):
            return Excuse.ANEW
        rows, lost = (best_row, row), level >= first
        if is_reweighted(context, block, *rows, self.times_best, lost=lost):
            return Excuse.ANEW
        return None

    def rise_of_records(
        self, context: Context, block: Block, rows: Rows, values: Floats, start: float
    ) -> Rise | None:
        """Return the rise that ends with the last of some finite records, unless it is excused.

        `start` is the first loss of the run.
        """
        row, rise = int(rows[-1]), rise_at(context, block, rows, values, self.settled)
        if rise is None or rise.level - rise.best < self.given_back * (start - rise.best):
            return None
        waits = rise.level < self.at_once * start and is_due(context, block, rise.onset, row)
        if waits or still_good(context, block, rise.onset, row):
            return None
        stretch, lost = (int(rows[np.argmin(values)]), row), rise.level >= start
        reweighted = is_reweighted(context, block, *stretch, self.times_best, lost=lost)
        return None if reweighted else rise


def thrown_up(context: Context, rows: Rows, values: Floats, start: float) -> Rise | None:
    """Return the rise of a run that its first steps threw up, by all of its finite records so far.

    Nothing excuses it but models that play against each other. `start` is the run's first loss.
    """
    if not len(values) or values[0] != start or has_rivals(context):
        return None
    return thrown_up_at(rows, values)
