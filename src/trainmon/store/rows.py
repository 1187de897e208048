"""Rows of batches: cut out, given other steps, put in order with those of other files."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainmon.store.batch import Batch, Floats, LogEvent, Rows, Samples


def cut(batch: Batch, start: int, stop: int) -> Batch:
    """Return the rows ``start`` to ``stop`` of a batch as a batch of their own."""
    if start == 0 and stop == batch.n_rows:
        return batch
    samples = {}
    for name, every in batch.samples.items():
        first, last = every.positions(start, stop)
        if first < last:
            rows = every.rows[first:last] - np.int32(start)
            samples[name] = Samples(rows, every.values[first:last])
    events = [
        replace(event, row=event.row - start) for event in batch.events if start <= event.row < stop
    ]
    return Batch(
        batch.steps[start:stop],
        batch.epochs[start:stop],
        batch.times[start:stop],
        samples,
        events,
        batch.notices if start == 0 else (),
    )


def with_steps(batch: Batch, steps: Floats) -> Batch:
    """Return a batch whose records stand at these steps."""
    return replace(batch, steps=steps)


def told(events: Sequence[LogEvent]) -> Batch:
    """Return a batch of events alone, one a row.

    >>> told([LogEvent(0, "config", {"lr": 0.1})]).n_rows
    1
    """
    nowhere = np.full(len(events), np.nan)
    return Batch(nowhere, nowhere, nowhere, {}, events)


def interleaved(batches: Sequence[Batch]) -> Batch:
    """Return the rows of several batches as one, in the order of their steps.

    A row without a step stays behind the one that it follows in its own batch; of rows at one step
    those of the earlier batch come first.
    """
    if len(batches) == 1:
        return batches[0]
    keys = np.concatenate([_carried(batch.steps) for batch in batches])
    order = np.argsort(keys, kind="stable")
    new_rows = np.empty(len(order), np.int32)
    new_rows[order] = np.arange(len(order), dtype=np.int32)
    samples: dict[str, list[Samples]] = {}
    events: list[LogEvent] = []
    base = 0
    for batch in batches:
        for name, every in batch.samples.items():
            samples.setdefault(name, []).append(Samples(new_rows[every.rows + base], every.values))
        events += [replace(event, row=int(new_rows[event.row + base])) for event in batch.events]
        base += batch.n_rows
    return Batch(
        np.concatenate([batch.steps for batch in batches])[order],
        np.concatenate([batch.epochs for batch in batches])[order],
        np.concatenate([batch.times for batch in batches])[order],
        {name: _in_order(parts) for name, parts in samples.items()},
        sorted(events, key=lambda event: event.row),
        tuple(dict.fromkeys(notice for batch in batches for notice in batch.notices)),
    )


def _carried(steps: Floats) -> Floats:
    """Return steps in which a gap has the step before it; those at the start come first of all."""
    known = np.where(np.isnan(steps), -1, np.arange(len(steps)))
    last: Rows = np.maximum.accumulate(known) if len(known) else known
    return np.where(last >= 0, steps[last], -np.inf)


def _in_order(parts: Sequence[Samples]) -> Samples:
    rows = np.concatenate([part.rows for part in parts])
    values = np.concatenate([part.values for part in parts])
    order = np.argsort(rows, kind="stable")
    return Samples(rows[order], values[order])
