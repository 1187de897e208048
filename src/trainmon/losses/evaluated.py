"""Whether evaluations tell that a training loss has left its best level, in logs of few records.

A validation loss is nearly free of noise, where some records of a training loss are not. One that
rises alone tells of overfitting; where the training loss rises with it, evaluation after
evaluation, what had been learned is lost: the two then say together what neither says alone.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.ordinary import explained_by_rate, rate_explains
from trainmon.courses.short_rises import Rise
from trainmon.finite import finite
from trainmon.losses.parts import parts_of
from trainmon.losses.reweighted import is_reweighted
from trainmon.losses.rival_losses import has_rivals
from trainmon.medians import median_of
from trainmon.roles import Direction, Role
from trainmon.rule import LOOKBACK, Block
from trainmon.store.batch import Floats

WORSE = 3
"""Evaluations in a row that are far worse: two may fall into one bad stretch."""

_RECORDS = 16
"""Records of the training loss before an evaluation, at most, that tell how it stood there."""

_FEWEST = 4
"""Of them, at least: fewer have neither a level nor a range."""

_FIRST = 3
"""Records at the beginning: no start of a run is above all of them."""

_METRICS = 8
"""Other metrics that are asked whether the model is as good as before."""

_EARLY = 128
"""Records in which a run is thrown up by its first steps."""

_SLACK = 0.02
"""Of the best value before: as good as that."""

_LEARNED = 0.95
"""Of the loss at the start: a best above it has learned too little to lose."""

_RISEN = 1.001
"""Times what a rate was: less is no rise."""


_THROWN = 10.0
"""Times the first training loss: an evaluation of so much, over many batches, is no hard one."""

_WITH = 3.0
"""Times the same, of the records since: a validation loss that is summed otherwise stands alone."""


class Evaluated(NamedTuple):
    """What the evaluations said so far."""

    first: float = nan
    """The first one."""
    best: float = inf
    best_row: int = -1
    since: int = -1
    """Where the one before the best stands."""
    last: int = -1
    """Where the newest stands."""
    rows: tuple[int, ...] = ()
    """Where the last ones stand that were worse than the best in a row, the newest last."""
    lost: int = 0
    """How many of them in a row were worse than the first as well."""
    far: int = 0
    """How many in a row were as far above the best as a loss that has left it."""

    def after(self, value: float, row: int, times: float) -> "Evaluated":
        """Return it with one more evaluation; one that is not finite tells nothing."""
        if not isfinite(value):
            return self
        if not value >= self.best:
            first = self.first if isfinite(self.first) else value
            return Evaluated(first, value, row, self.last, row)
        rows = (*self.rows, row)[-WORSE - 1 :]
        lost = self.lost + 1 if value > self.first else 0
        far = self.far + 1 if self.best > 0 and value > times * self.best else 0
        return self._replace(last=row, rows=rows, lost=lost, far=far)

    @property
    def is_much_worse(self) -> bool:
        """Return whether it is worth a look at the training loss."""
        return max(self.lost, self.far) >= WORSE


@dataclass(frozen=True, slots=True)
class Evaluations:
    """What the evaluations tell of a training loss."""

    times_best: float
    """Times the best one, of both losses."""

    def thrown_up(
        self, context: Context, block: Block, name: str, start: float, value: float, row: int
    ) -> Rise | None:
        """Return how far the run was thrown above its first loss, if it was within its first steps.

        One evaluation is enough where all records since stand there as well: where these are rare,
        or tell of single batches, they do not show it by themselves.
        """
        if not 0 < _THROWN * start < value < inf or has_rivals(context):
            return None
        samples = block.before(name, LOOKBACK, row + 1)
        fine = np.isfinite(samples.values)
        rows, values = samples.rows[fine], samples.values[fine]
        if not 1 < len(values) <= _EARLY or values[0] != start:
            return None
        after = values[1:][-_RECORDS:]
        # Below 1, a first loss of next to nothing may be that of a model without anything to do.
        if not after.min() > _WITH * start or median_of(after) <= max(_THROWN * start, 1.0):
            return None
        return Rise(start, median_of(after), int(rows[1]))

    def rise(
        self, context: Context, block: Block, name: str, told: Evaluated, row: int
    ) -> Rise | None:
        """Return how far the training loss rose with the evaluations, unless that is excused."""
        if context.learning_row is None and context.learning_rate is None:
            return None  # nothing tells yet that no warm-up goes on
        rise = self._both_rose(block, name, told)
        if rise is None or _rate_explains(context, block, told, row):
            return None
        rows = (told.best_row, row)
        if _is_as_good(context, block, *rows) or _is_traded(context, block, *rows):
            return None
        reweighted = is_reweighted(context, block, *rows, self.times_best, lost=False)
        return None if reweighted else rise

    def _both_rose(self, block: Block, name: str, told: Evaluated) -> Rise | None:
        """Return how far the training loss rose, by its records before each evaluation."""
        before = _records(block, name, told.best_row, told.since)
        borders = (told.best_row, *told.rows)[-WORSE - 1 :]
        stretches = [_records(block, name, end, begin) for begin, end in pairwise(borders)]
        if min(len(before), *map(len, stretches)) < _FEWEST or before.min() <= 0:
            return None
        best, levels = median_of(before), [median_of(each) for each in stretches]
        lowest = min(levels)
        start = _start(block, name, told.best_row)
        lost = told.lost >= WORSE and lowest > start and best <= _LEARNED * start
        far = told.far >= WORSE and lowest > self.times_best * best
        beyond_noise = lowest > before.max()
        return Rise(best, levels[-1], borders[1]) if beyond_noise and (lost or far) else None


def _records(block: Block, name: str, row: int, since: int = -1) -> Floats:
    """Return the last finite records of the training loss up to an evaluation."""
    samples = block.before(name, _RECORDS, row + 1)
    return finite(samples.values[samples.rows > since])


def _start(block: Block, name: str, row: int) -> float:
    """Return the highest of the first records; infinity where the log does not reach back."""
    values = finite(block.before(name, LOOKBACK, row + 1).values)
    return float(values[:_FIRST].max()) if len(values) < LOOKBACK else inf


def _rate_explains(context: Context, block: Block, told: Evaluated, row: int) -> bool:
    """Return whether a restart, or a rate that rose lately, explains what is worse than the best.

    Rates may rise in stairs: one is up where it has not risen since the first of the evaluations.
    """
    rates = block.before(context.learning_rate, LOOKBACK, row + 1)
    best, first = (
        int(np.searchsorted(rates.rows, each, side="right")) - 1
        for each in (told.best_row, told.rows[-WORSE])
    )
    if best < 0:  # so long ago that only cells tell
        return rate_explains(context, block, (told.best_row, row), lost=False)
    last = rates.values[-1]
    rises = last >= rates.values.max() and last > _RISEN * rates.values[first]
    return bool(rises) or explained_by_rate(rates.values, best, lost=False)


def _is_traded(context: Context, block: Block, best_row: int, row: int) -> bool:
    """Return whether a part of the loss fell while the total rose, as one does whose weight grew.

    A model that is lost is worse in all it does.
    """
    for part in parts_of(context):
        best, now = (_records(block, part.metric, each) for each in (best_row, row))
        if len(best) and len(now) and median_of(now) < median_of(best):
            return True
    return False


def _is_as_good(context: Context, block: Block, best_row: int, row: int) -> bool:
    """Return whether any other metric of the evaluations is as good as it was by then."""
    for name in context.names(Role.VAL_METRIC)[:_METRICS]:
        direction = context.direction(name)
        if direction == Direction.UNKNOWN:
            continue
        samples = block.before(name, LOOKBACK, row + 1)
        signed = samples.values * (1 if direction == Direction.HIGHER else -1)
        earlier, now = signed[samples.rows <= best_row], signed[samples.rows > best_row]
        if not len(earlier) or not len(now):
            continue
        best = np.fmax.reduce(earlier)
        if now[-1] >= best - _SLACK * abs(best):
            return True
    return False
