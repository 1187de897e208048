"""Runs of equal values: how often in a row a metric was the same to the last bit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainmon.learning.seldom import is_due
from trainmon.store.batch import Samples


@dataclass(frozen=True, slots=True)
class EqualRun:
    """Equal finite values of one metric in a row, up to its last one."""

    value: float = float("nan")
    count: int = 0
    since: int = 0
    """The row of the first of them."""
    before: int = 0
    """Values that the metric had before, since its baseline."""


def equal_runs(
    samples: Samples, last: EqualRun, fewest: int
) -> tuple[Sequence[tuple[int, EqualRun]], EqualRun]:
    """Return the rows at which a run is `fewest` long or more, or has ended, and the last run.

    `last` is the run that the samples may go on with. Of a run that ended, the next one is told; of
    long ones, some rows are left out.

    >>> samples = Samples(np.arange(4, dtype=np.int32), np.array([0.5, 0.7, 0.7, 0.7]))
    >>> equal_runs(samples, EqualRun(), 3)[0]
    [(3, EqualRun(value=0.7, count=3, since=1, before=1))]
    """
    fine = np.isfinite(samples.values)
    rows, values = samples.rows[fine], samples.values[fine]
    if not len(rows):
        return (), last
    starts = np.empty(len(rows), bool)
    starts[0] = values[0] != last.value
    starts[1:] = values[1:] != values[:-1]
    if starts.all() and last.count < fewest:
        passed = last.before + last.count + len(rows) - 1
        return (), EqualRun(float(values[-1]), 1, int(rows[-1]), passed)
    index = np.arange(len(rows))
    start = np.maximum.accumulate(np.where(starts, index, -1))
    length = index - np.maximum(start, 0) + 1 + np.where(start < 0, last.count, 0)
    known = last.before + last.count

    def run(at: int) -> EqualRun:
        begin = int(start[at])
        if begin < 0:
            return EqualRun(last.value, int(length[at]), last.since, last.before)
        return EqualRun(float(values[at]), int(length[at]), int(rows[begin]), known + begin)

    before = np.concatenate(([last.count], length[:-1]))
    long = (length >= fewest) & is_due(length)
    found = np.flatnonzero(long | (starts & (before >= fewest)))
    return [(int(rows[at]), run(at)) for at in found.tolist()], run(len(rows) - 1)
