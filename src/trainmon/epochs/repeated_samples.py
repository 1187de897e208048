"""What tells that samples come several times in an epoch: counts, shares, steps and the loss."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import completes
from trainmon.courses.seldom import at_growing_gaps
from trainmon.digest import CELL
from trainmon.epochs.repetition import repetition
from trainmon.epochs.size import EpochSize
from trainmon.finite import finite
from trainmon.rule import LOOKBACK, Block, Severity
from trainmon.store.batch import Floats

BATCHES, EXPECTED = "data/batches", "data/batches_expected"
DISTINCT = "data/distinct_fraction"

ORDER = ("batches", "steps", "distinct", "loss")
"""The signals, the plainest first."""

_WHOLE = 0.03
"""Of a whole number of times: the last batches of workers are not full."""

_LEAST_WORKERS = 3
"""Twice the steps is often something else that is counted."""

_APART = 16
"""Cells between two looks at the loss at first."""

_FEWEST = 32
"""Cells of the first look, 256 samples: of fewer, no phase stands out by 5 standard deviations."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one signal tells at a row: that samples come again, or that they do not."""

    row: int
    signal: str
    severity: Severity | None = None
    """None if they do not."""
    onset: int = 0
    title: str = ""
    evidence: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def of_counts(context: Context, block: Block) -> Iterator[Sign]:
    """Yield what the counts of batches tell at the ends of passes."""
    counts = block.samples(BATCHES)
    for row, count in zip(counts.rows.tolist(), counts.values.tolist(), strict=True):
        told = block.before(EXPECTED, 1, row + 1).values
        expected = float(told[0]) if len(told) else 0.0
        times = count / expected if expected >= 1 else 1.0
        if (whole := whole_times(times)) is not None:
            title = f"an epoch has {whole} x the expected batches{_of(whole, context)}"
            evidence = _evidence(whole, context, batches=count, batches_expected=expected)
            onset = _first_row(context, block)
            yield Sign(row, "batches", Severity.WARNING, onset, title, evidence)
        elif times <= 1 + _WHOLE:
            yield Sign(row, "batches")


def of_share(row: int, share: float, low: int, context: Context, block: Block) -> Sign:
    """Return what a share of different samples tells that was low for so many times in a row."""
    if not low:
        return Sign(row, "distinct")
    whole = whole_times(1 / share)
    times = whole or 1 / share
    severity = Severity.WARNING if whole or low > 1 else Severity.INFO
    title = f"only {100 * share:.3g} % of the samples of an epoch differ{_of(times, context)}"
    evidence = _evidence(times, context, distinct_fraction=share)
    return Sign(row, "distinct", severity, _first_row(context, block), title, evidence)


def of_epoch(row: int, size: EpochSize, context: Context, block: Block) -> Iterator[Sign]:
    """Yield what the length of an epoch tells."""
    workers = context.number("num_workers") or 0.0
    of_workers = workers > 1 and abs(size.times / workers - 1) <= _WHOLE
    if not of_workers and (size.rival or not size.is_whole()):
        return
    sure = of_workers and workers >= _LEAST_WORKERS and not size.rival
    times = workers if of_workers else round(size.times)
    title = f"an epoch has {times:.0f} x the steps of the training set{_of(times, context)}"
    evidence = _evidence(times, context, steps_per_epoch=size.steps, steps_expected=size.expected)
    if size.rival:
        evidence["rival"] = size.rival
        title = f"{title}, or {size.rival}"
    severity = Severity.WARNING if sure else Severity.INFO
    yield Sign(row, "steps", severity, _first_row(context, block), title, evidence)


def of_losses(context: Context, block: Block, deviations: float) -> Iterator[Sign]:
    """Yield what the train loss tells by itself, at 256, 384, 512, 768 ... samples."""
    name = context.train_loss
    cells = block.digest(name)
    if not completes(cells, block.start, _APART):
        return
    before = cells.count - len(cells)
    looks = at_growing_gaps(before + cells.since(block.start), cells.count, _APART)
    for count in (look for look in looks if look >= _FEWEST):
        row = int(cells.rows[count - before - 1])
        samples = block.before(name, min(LOOKBACK, CELL * count), row + 1)
        # What was reduced is no longer step by step: its own cells would look like repetitions.
        if samples.rows[0] < block.lane.first_full or not np.isfinite(samples.values).all():
            continue
        found = repetition(samples.values, deviations, _epoch_length(block.epochs[samples.rows]))
        if found is None:
            continue
        times = found.period
        title = (
            f"{name} jumps every {times} steps, by {found.jump:.2g} against {found.within:.2g} "
            f"in between: every batch comes {times} times{_of(times, context)}"
        )
        evidence = _evidence(
            times,
            context,
            period=times,
            jump=found.jump,
            within=found.within,
            deviations=found.deviations,
        )
        yield Sign(row, "loss", Severity.WARNING, int(samples.rows[0]), title, evidence)


def whole_times(times: float) -> int | None:
    """Return the whole number above 1 that a ratio is, or None.

    >>> whole_times(7.95), whole_times(1.1), whole_times(2.4)
    (8, None, None)
    """
    whole = round(times)
    return whole if whole > 1 and abs(times / whole - 1) <= _WHOLE else None


def _evidence(times: float, context: Context, **measured: float) -> dict[str, Any]:
    workers = context.number("num_workers")
    evidence: dict[str, Any] = {"times": times, **measured}
    return evidence if workers is None else evidence | {"workers": workers}


def _of(times: float, context: Context) -> str:
    """Return whose number the times are, in words."""
    workers = context.number("num_workers") or 0.0
    if workers < 2 or round(times) != workers:  # noqa: PLR2004 - one worker yields it once
        return ""
    return f": each of the {workers:.0f} workers yields the whole set"


def _first_row(context: Context, block: Block) -> int:
    """Return the row of the first record of the training since the baseline."""
    every = block.lane.samples(context.train_loss)
    (first,) = every.positions(context.baseline_row)
    return int(every.rows[first]) if first < len(every) else context.baseline_row


def _epoch_length(epochs: Floats) -> float | None:
    """Return how many of some consecutive samples make an epoch, if their epochs tell."""
    told = finite(epochs)
    passed = float(told[-1] - told[0]) if len(told) else 0.0
    return len(told) / passed if passed > 0 else None
