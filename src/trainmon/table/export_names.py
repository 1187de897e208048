"""What the columns of a W&B export hold: ``run - metric``, and twins of their extremes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainmon.store.batch import Batch, Samples

_BETWEEN = " - "
_TWINS = ("__MIN", "__MAX")
_COUNTERS = frozenset({"step", "trainer/global_step", "train/global_step", "global_step"})


def is_export(names: Sequence[str]) -> bool:
    """Return whether a table's first column counts and the others are metrics of runs.

    >>> is_export(["Step", "sunny-sea-4 - loss", "sunny-sea-4 - loss__MIN"])
    True
    """
    others = names[1:]
    return bool(
        others and names[0].lower() in _COUNTERS and all(_BETWEEN in name for name in others)
    )


def runs_in(names: Sequence[str]) -> list[str]:
    """Return the runs of an export, each once."""
    return list(dict.fromkeys(name.partition(_BETWEEN)[0] for name in names[1:]))


def metric_names(names: Sequence[str]) -> list[str]:
    """Return the columns' names without the run, or below it where there are several.

    >>> metric_names(["Step", "a - train/loss", "a - train/loss__MAX"])
    ['Step', 'train/loss', 'train/loss__MAX']
    >>> metric_names(["Step", "a - loss", "b - loss"])
    ['Step', 'a/loss', 'b/loss']
    """
    several = len(runs_in(names)) > 1
    named = [
        name.replace(_BETWEEN, "/", 1) if several else name.partition(_BETWEEN)[2]
        for name in names[1:]
    ]
    return [names[0], *named]


def without_twins(batch: Batch) -> Batch:
    """Return an export's records without the extremes that equal the value they stand beside."""
    samples: dict[str, Samples] = {}
    for name, twin in batch.samples.items():
        value = batch.samples.get(name[: -len(_TWINS[0])]) if name.endswith(_TWINS) else None
        kept = twin if value is None else _other_than(twin, value)
        if len(kept):
            samples[name] = kept
    return replace(batch, samples=samples)


def _other_than(twin: Samples, value: Samples) -> Samples:
    """Return the samples of a twin that differ from the value in the same row."""
    at = np.searchsorted(value.rows, twin.rows)
    beside = np.append(value.values, np.nan)[at]
    same = np.append(value.rows, -1)[at] == twin.rows
    same &= (beside == twin.values) | (np.isnan(beside) & np.isnan(twin.values))
    return Samples(twin.rows[~same], twin.values[~same])
