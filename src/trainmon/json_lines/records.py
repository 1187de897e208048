"""Records of JSON as parts of a run, whatever file they stand in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from trainmon.json_lines.naming import Mask, renamed_in
from trainmon.json_lines.position_keys import KEYS, in_seconds
from trainmon.json_lines.values import as_bare_config, readable
from trainmon.positions import Positions
from trainmon.roles import Role, role_of
from trainmon.source import Part
from trainmon.splits import TRAIN, name_in, split_of
from trainmon.store.batch import Batch, Floats, Record, batch_of

_PLAIN = {int, float, bool, type(None)}
"""Types of values that need no second look."""

_DEPTH_LIMIT = 4
"""Levels of nesting in which a number is looked for to recognise a log."""


class JsonRecords:
    """Makes parts of the records of one log, in order. Owned by its source."""

    def __init__(self) -> None:
        self.splits: dict[str, str] = {}
        """The splits that records named, in the order of their appearance."""
        self._positions = Positions()
        self._train_step = np.nan
        self._first_epoch = self._last_epoch = np.nan
        self._has_steps = False
        self._first = True

    def parts(self, records: Sequence[Record], skipped: Mapping[str, int]) -> list[Part]:
        """Return further records where they belong, `skipped` told with the first of them."""
        splits: list[str] = []
        if self._first and records:
            self._first = False
            records = [as_bare_config(records[0]), *records[1:]]
        batch = batch_of(records, KEYS)
        if not _all_numbers(records, batch):
            splits = [split_of(record) for record in records]
            batch = batch_of([readable(record) for record in records], KEYS)
        batch = in_seconds(batch)
        elsewhere = None
        if any(splits):
            elsewhere = self._elsewhere(batch, np.array([s not in {"", TRAIN} for s in splits]))
            batch = self._told_apart(batch, np.array(splits))
        else:
            self._train_step = _last_told(batch.steps, self._train_step)
        begins = self._epoch_borders(batch)
        return reported(self._positions.place(batch, begins=begins, elsewhere=elsewhere), skipped)

    def remarks(self) -> Sequence[str]:
        """Return how the records were understood, where that is not a matter of course."""
        if not self.splits:
            return ()
        names = ", ".join(self.splits)
        return (f"a field names the split of each record, and metrics are named after it: {names}",)

    def _told_apart(
        self, batch: Batch, splits: "np.ndarray[tuple[int], np.dtype[np.str_]]"
    ) -> Batch:
        for split in dict.fromkeys(filter(None, splits.tolist())):
            self.splits[split] = split
            names = {name: name_in(split, name) for name in batch.samples}
            batch = renamed_in(batch, splits == split, names)
        return batch

    def _elsewhere(self, batch: Batch, evaluated: Mask) -> Mask:
        """Return which evaluations count something else than steps, such as their own batches.

        A step before that of the last training record says so.
        """
        trained = np.where(evaluated, np.nan, batch.steps)
        before = _carried(trained, self._train_step)
        self._train_step = _last_told(trained, self._train_step)
        elsewhere: Mask = evaluated & (batch.steps < before)
        return elsewhere

    def _epoch_borders(self, batch: Batch) -> list[int]:
        """Return the rows at which epochs begin anew, in a log that tells no steps."""
        if self._has_steps:
            return []
        steps = np.flatnonzero(~np.isnan(batch.steps))
        self._has_steps = bool(len(steps))
        until = int(steps[0]) if len(steps) else batch.n_rows
        rows = np.flatnonzero(~np.isnan(batch.epochs[:until]))
        if not len(rows):
            return []
        epochs = batch.epochs[rows]
        before = np.concatenate(([self._last_epoch], epochs))[:-1]
        if np.isnan(self._first_epoch):
            self._first_epoch = float(epochs[0])
        borders = []
        for at in np.flatnonzero(epochs < before).tolist():
            if epochs[at] <= self._first_epoch:
                borders.append(int(rows[at]))
                self._first_epoch = float(epochs[at])
        self._last_epoch = float(epochs[-1])
        return borders


def _all_numbers(records: Sequence[Record], batch: Batch) -> bool:
    """Return whether no value of some records needs a second look.

    Counting what arrived in the columns takes a tenth of the time that looking at each value does.
    """
    if batch.events:
        return False
    if records and batch.samples.keys() <= records[0].keys():
        places = (batch.steps, batch.epochs, batch.times)
        arrived = sum(int(np.count_nonzero(~np.isnan(place))) for place in places)
        if arrived + sum(map(len, batch.samples.values())) == sum(map(len, records)):
            return True
    return set(map(type, chain.from_iterable(map(dict.values, records)))) <= _PLAIN


def reported(parts: Sequence[Part], skipped: Mapping[str, int]) -> list[Part]:
    """Return parts of which the first tells what was skipped; one without records, if need be."""
    if not skipped:
        return list(parts)
    first, *others = parts or [Part(batch_of([]))]
    return [replace(first, skipped=skipped), *others]


def measures(record: Mapping[str, object]) -> bool:
    """Return whether a record looks like one of a training log.

    It holds a number beside its place, and either a place, a metric known by name, or mostly
    numbers: lines of a data set, with an id and texts, are none, and no settings of a training.

    >>> measures({"step": 1, "loss": "2.5"}), measures({"id": 1, "question": "", "answer": ""})
    (True, False)
    >>> measures({"label": 1, "score": 0.5}), measures({"lr": 0.1, "epochs": 5})
    (False, False)
    """
    if record.keys() >= _OF_INCIDENTS:
        return False
    spelled = dict(_numbers(record, "", 0))
    metrics = [name for name in spelled if name not in KEYS.time and name not in _PLACES]
    if _PLACES_ALONE.isdisjoint(spelled) and _TIMES.isdisjoint(record):
        if not _OF_SAMPLES.isdisjoint(record):
            return False
        metrics = [name for name in metrics if role_of(name).role is not Role.LEARNING_RATE]
    if not metrics:
        return False
    known = any(role_of(name).role not in _TELLING_NOTHING for name in metrics)
    return known or not _PLACES.isdisjoint(spelled) or 2 * len(spelled) >= len(record)


_TELLING_NOTHING = frozenset({Role.OTHER, Role.COUNTER, Role.SYSTEM})

_PLACES = frozenset((*KEYS.step, *KEYS.epoch))

_PLACES_ALONE = _PLACES - {"epochs"}
"""Places that no configuration has; how many epochs there shall be stands in most."""

_TIMES = frozenset(KEYS.time)

_OF_SAMPLES = frozenset({"id", "label"})
"""Keys of data sets and predictions: where no place is told, a record with one is of a sample."""


_OF_INCIDENTS = frozenset({"rule", "kind", "severity", "evidence"})
"""Keys of a file in which trainmon recorded what it found: the numbers there are evidence."""


def _numbers(record: Mapping[str, object], prefix: str, depth: int) -> Iterable[tuple[str, float]]:
    for key, value in record.items():
        if isinstance(value, dict):
            if depth < _DEPTH_LIMIT:
                yield from _numbers(value, f"{prefix}{key}/", depth + 1)
        elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
            try:
                yield f"{prefix}{key}", float(value)
            except (ValueError, OverflowError):
                continue


def _carried(values: Floats, before: float) -> Floats:
    """Return the last told value before each."""
    known = np.concatenate(([before], values))[:-1]
    at = np.where(np.isnan(known), 0, np.arange(len(known)))
    carried: Floats = known[np.maximum.accumulate(at)] if len(known) else known
    return carried


def _last_told(values: Floats, before: float) -> float:
    told = values[~np.isnan(values)]
    return float(told[-1]) if len(told) else before
