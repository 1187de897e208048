"""Metrics of a batch under other names: renamed, scaled, or told apart by what their rows are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainmon.store.batch import Batch, Samples

Mask = NDArray[np.bool_]


def renamed(batch: Batch, names: Mapping[str, str]) -> Batch:
    """Return a batch in which the metrics of these names have the names they map to."""
    if names.keys().isdisjoint(batch.samples):
        return batch
    return _collected(
        batch, [(names.get(name, name), each) for name, each in batch.samples.items()]
    )


def scaled(batch: Batch, name: str, factor: float) -> Batch:
    """Return a batch in which the values of one metric are multiplied."""
    if name not in batch.samples:
        return batch
    each = batch.samples[name]
    samples = {**batch.samples, name: Samples(each.rows, each.values * factor)}
    return replace(batch, samples=samples)


def renamed_in(batch: Batch, rows: Mask, names: Mapping[str, str]) -> Batch:
    """Return a batch in which the metrics have other names in some of the rows alone."""
    if not rows.any():
        return batch
    named: list[tuple[str, Samples]] = []
    for name, each in batch.samples.items():
        here = rows[each.rows]
        if name not in names or not here.any():
            named.append((name, each))
            continue
        if not here.all():
            named.append((name, Samples(each.rows[~here], each.values[~here])))
        named.append((names[name], Samples(each.rows[here], each.values[here])))
    return _collected(batch, named)


def _collected(batch: Batch, named: list[tuple[str, Samples]]) -> Batch:
    """Return a batch with these samples; of two values of one name in a row the first stands."""
    samples: dict[str, Samples] = {}
    for name, each in named:
        samples[name] = _merged(samples[name], each) if name in samples else each
    return replace(batch, samples=samples)


def _merged(first: Samples, second: Samples) -> Samples:
    rows = np.concatenate((first.rows, second.rows))
    values = np.concatenate((first.values, second.values))
    order = np.argsort(rows, kind="stable")
    rows, values = rows[order], values[order]
    single = np.concatenate(([True], rows[1:] != rows[:-1]))
    return Samples(rows[single], values[single])
