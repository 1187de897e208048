"""The training loss beside the validation loss, evaluation by evaluation.

The training loss of an evaluation is taken from both sides of it: in a steep fall the losses before
it are several times as high as what was evaluated, and those after it about as much lower.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.rule import Block
from trainmon.store.batch import Floats, Rows

KEPT = 64
"""Evaluations that are kept: what was true of so many is true."""

_SAMPLES = 50
"""Training losses on each side whose median counts."""

Places = NDArray[np.intp]


def _no_rows() -> Rows:
    return np.empty(0, np.int32)


def _no_values() -> Floats:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Evaluations since the baseline, the newest last; arrays of one length. Immutable."""

    baseline_row: int = 0
    resumed: bool = False
    """Whether the run had begun before the baseline."""
    seen: int = 0
    """Evaluations since the baseline; of those the last are kept."""
    rows: Rows = field(default_factory=_no_rows)
    val: Floats = field(default_factory=_no_values)
    before: Floats = field(default_factory=_no_values)
    """The median of the last training losses before each, since the evaluation before it."""
    after: Floats = field(default_factory=_no_values)
    """That of the first ones behind it; NaN of the newest, behind which none have come."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def train(self) -> Floats:
        """The training loss at each evaluation: of the newest, the one before it."""
        both = np.where(np.isnan(self.after), self.before, self.after)
        positive = (self.before > 0) & (both > 0)
        product = np.where(positive, self.before * both, 1.0)
        return np.where(positive, np.sqrt(product), (self.before + both) / 2)

    @property
    def ratio(self) -> Floats:
        """The training loss in units of the validation loss; NaN where that is not positive."""
        return self.train / np.where(self.val > 0, self.val, np.nan)

    def new_since(self, before: "Pairs") -> range:
        """Return the indices of the evaluations that are new beside those of a block before."""
        return range(len(before) if self.baseline_row == before.baseline_row else 0, len(self))

    def upto(self, index: int) -> "Pairs":
        """Return the pairs as they were when the evaluation of this index was the newest."""
        first, stop = max(0, index + 1 - KEPT), index + 1
        after = self.after[first:stop].copy()
        after[-1] = np.nan
        seen = self.seen - (len(self) - stop)
        part = slice(first, stop)
        return replace(
            self,
            seen=seen,
            rows=self.rows[part],
            val=self.val[part],
            before=self.before[part],
            after=after,
        )

    def extended(self, context: Context, block: Block) -> "Pairs":
        """Return the pairs with the evaluations of a block behind them, all that are new.

        Those that no training loss lies before, and those that are not finite, are left out.
        """
        if self.baseline_row != context.baseline_row:
            begun = self.resumed or self.seen > 0
            return Pairs(context.baseline_row, resumed=begun).extended(context, block)
        samples = block.samples(context.val_loss)
        finite = np.isfinite(samples.values)
        rows, val = samples.rows[finite], samples.values[finite]
        every = block.lane.samples(context.train_loss)
        first = int(self.rows[-1]) + 1 if len(self) else self.baseline_row
        edges = np.searchsorted(every.rows, np.concatenate(([first], rows + 1)).astype(np.int32))
        start, stop = edges[:-1], edges[1:]
        before = _medians(every.values, np.maximum(start, stop - _SAMPLES), stop)
        told = np.isfinite(before)
        stop = stop[told]
        if not len(stop):
            return self
        start = np.concatenate((edges[:1], stop[:-1]))
        after = _medians(every.values, start, np.minimum(stop, start + _SAMPLES))
        # What comes behind an evaluation is known with the next one.
        known = np.concatenate((self.after[:-1], after)) if len(self) else after[1:]
        return replace(
            self,
            seen=self.seen + len(stop),
            rows=np.concatenate((self.rows, rows[told])),
            val=np.concatenate((self.val, val[told])),
            before=np.concatenate((self.before, before[told])),
            after=np.concatenate((known, [np.nan])),
        )


def _medians(values: Floats, starts: Places, stops: Places) -> Floats:
    """Return the medians of the finite values between some places; NaN where there are none."""
    medians = np.full(len(starts), np.nan)
    lengths = stops - starts
    for length in np.unique(lengths).tolist():
        if not length:
            continue
        which = np.flatnonzero(lengths == length)
        windows = values[starts[which, None] + np.arange(length)]
        windows = np.sort(np.where(np.isfinite(windows), windows, np.nan), axis=1)
        counts = np.isfinite(windows).sum(axis=1)
        lower, upper = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, length - 1)
        row = np.arange(len(which))
        medians[which] = (windows[row, lower] + windows[row, upper]) / 2
    return medians
