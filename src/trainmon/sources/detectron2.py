"""detectron2's ``metrics.json``: JSON lines, to which every new run appends."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trainmon.decode import decode
from trainmon.json_lines.naming import renamed
from trainmon.json_lines.records import reported
from trainmon.positions import Positions
from trainmon.source import Head, Part, Source
from trainmon.store.batch import Batch, PositionKeys, batch_of

_KEYS = PositionKeys(step=("iteration",), epoch=(), time=())

_NAMES = {"time": "step_time"}
"""Here the time is that of an iteration, in seconds."""

_TRAINING = "total_loss"
_MARKS = frozenset({_TRAINING, "eta_seconds", "data_time", "time"})
"""Keys of training records, of which one with an iteration has two at least."""


class Detectron2Source(Source):
    """Reads one object a line; an iteration that goes back to the start begins another run."""

    id = "detectron2"
    summary = "detectron2: metrics.json"
    order = 20

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._positions = Positions()
        self._before = np.array([np.inf, np.inf])  # the iterations of the last two training records

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether a record has an iteration and what detectron2 tells of one."""
        if b'"iteration"' not in head.lines:
            return False
        return any(
            "iteration" in record and "mode" not in record and len(_MARKS & record.keys()) > 1
            for record in head.decoded.records
        )

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records, cut where a new run begins."""
        decoded = decode(data)
        batch = renamed(batch_of(decoded.records, _KEYS), _NAMES)
        begins = self._single_record_runs(batch)
        return reported(self._positions.place(batch, begins=begins), decoded.skipped)

    def remarks(self) -> Sequence[str]:
        """Return what the time is."""
        return ("'time' is that of an iteration: step_time",)

    def _single_record_runs(self, batch: Batch) -> list[int]:
        """Return the rows that begin a run because the one before ended at its first record.

        Their iteration is the same, which going back does not show.
        """
        if _TRAINING not in batch.samples:
            return []
        rows = batch.samples[_TRAINING].rows
        steps = np.concatenate((self._before, batch.steps[rows]))
        self._before = steps[-2:]
        first_of_run = steps[1:-1] <= steps[:-2]
        return [int(row) for row in rows[first_of_run & (steps[2:] == steps[1:-1])]]
