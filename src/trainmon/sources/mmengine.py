"""The ``scalars.json`` of mmengine: JSON lines whose validations tell no step of their own."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from trainmon.decode import decode
from trainmon.json_lines.naming import Mask, renamed, renamed_in, scaled
from trainmon.json_lines.not_applicable import without_placeholders
from trainmon.json_lines.records import reported
from trainmon.positions import Positions
from trainmon.source import Head, Part, Source
from trainmon.store.batch import Batch, PositionKeys, Record, batch_of

_KEYS = PositionKeys(step=("step",), epoch=("epoch",), time=())

_TIMES = frozenset({"time", "data_time"})
_RATES = ("lr", "base_lr")
_ITERATION = "iter"

_A_DAY = 86_400.0
"""Seconds: no iteration takes longer."""

_MEBIBYTE = float(1 << 20)
"""Bytes in the unit of ``memory``."""


class MmengineSource(Source):
    """Reads one object a line; a record without a learning rate is a validation.

    Its step is the epoch, or 0: it stands at the last training step.
    """

    id = "mmengine"
    summary = "mmengine (MMDetection 3, MMPretrain, ...): scalars.json"
    order = 22

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._positions = Positions()

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a record has a learning rate, the times of an iteration and its step."""
        if b'"step"' not in head.lines or b'"data_time"' not in head.lines:
            return False
        return any(_is_training(record) for record in head.decoded.records)

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records, cut where a new run begins."""
        decoded = decode(data)
        batch = batch_of(decoded.records, _KEYS)
        evaluated = ~_trained(batch)
        evaluated[[event.row for event in batch.events]] = False
        placed = self._positions.place(_named(batch, evaluated), elsewhere=evaluated)
        return reported(placed, decoded.skipped)

    def remarks(self) -> Sequence[str]:
        """Return how validations were told from training."""
        return (
            "records without a learning rate are validations: val/...",
            "'time' is that of an iteration: step_time",
        )


def _is_training(record: Record) -> bool:
    if "mode" in record or "step" not in record or not record.keys() >= _TIMES:
        return False
    if not all(isinstance(record[name], float) and record[name] < _A_DAY for name in _TIMES):
        return False  # the time of day, as other logs have it
    iteration = record.get(_ITERATION, record["step"])
    return any(rate in record for rate in _RATES) and bool(iteration == record["step"])


def _trained(batch: Batch) -> Mask:
    trained = np.zeros(batch.n_rows, bool)
    for name in (*_RATES, _ITERATION):
        if name in batch.samples:
            trained[batch.samples[name].rows] = True
    return trained


def _named(batch: Batch, evaluated: Mask) -> Batch:
    """Return a batch with validations named so, and without the step's second name."""
    names = {name: name if name.startswith("val/") else f"val/{name}" for name in batch.samples}
    batch = without_placeholders(renamed_in(batch, evaluated, names), evaluated)
    batch = scaled(renamed(batch, {"time": "step_time"}), "memory", _MEBIBYTE)
    kept = {name: each for name, each in batch.samples.items() if name != _ITERATION}
    return replace(batch, samples=kept)
