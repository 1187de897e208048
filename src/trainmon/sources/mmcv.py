"""The ``*.log.json`` of mmcv: JSON lines with a mode, whose iterations restart every epoch."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trainmon.decode import decode
from trainmon.json_lines.epoch_runs import EpochRuns
from trainmon.json_lines.naming import Mask, renamed, renamed_in, scaled
from trainmon.json_lines.not_applicable import without_placeholders
from trainmon.json_lines.records import reported
from trainmon.positions import Positions
from trainmon.record import EVENT_KEY, EventKind
from trainmon.source import Head, Part, Source
from trainmon.store.batch import Batch, PositionKeys, Record, batch_of

_KEYS = PositionKeys(step=("iter",), epoch=("epoch",), time=())

_TRAIN = "train"
_MODES = frozenset({_TRAIN, "val", "test", "eval"})

_MEBIBYTE = float(1 << 20)
"""Bytes in the unit of ``memory``."""

_KEPT = ("val/", "lr")
"""Beginnings of names that a validation shares with training: its learning rate is the same."""

_OPENING_BYTES = 1 << 10
"""Bytes in which the first line names the environment, where it has one."""

_ENVIRONMENT = ("env_info", "exp_name", "config", "mmcv_version", "seed")
"""Keys of a line without a mode, which opens a run."""

# What rules read of a configuration that is Python text, each with its spellings there.
_SETTINGS = {
    "epochs": r"\b(?:max_epochs|total_epochs)\s*=\s*(\d{1,9})\b",
    "total_steps": r"\bmax_iters\s*=\s*(\d{1,12})\b",
    "batch_size": r"\bsamples_per_gpu\s*=\s*(\d{1,9})\b",
    "num_workers": r"\bworkers_per_gpu\s*=\s*(\d{1,9})\b",
    "optimizer": r"\boptimizer\s*=\s*dict\(\s*type\s*=\s*['\"](\w{1,40})['\"]",
    "lr": r"\blr\s*=\s*([\d.]{1,20}(?:e-?\d{1,3})?)",
    "clip": r"\bmax_norm\s*=\s*([\d.]{1,20})",
}


class MmcvSource(Source):
    """Reads one object a line and counts the iterations through the epochs.

    Those of a validation count its own batches: it stands at the last training step.
    """

    id = "mmcv"
    summary = "mmcv (MMDetection 2, MMSegmentation 0, ...): *.log.json"
    order = 21

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._positions = Positions(one_an_epoch=True)
        self._runs = EpochRuns()

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether it opens with an environment, or a record has a mode and an iteration."""
        opens = b'"env_info"' in head.lines[:_OPENING_BYTES]
        if not opens and (b'"mode"' not in head.lines or b'"iter"' not in head.lines):
            return False
        records = head.decoded.records
        return (opens and bool(records) and records[0].keys() >= {"env_info", "exp_name"}) or any(
            _mode(record) in _MODES and "iter" in record and "epoch" in record for record in records
        )

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the records, cut where a new run begins."""
        decoded = decode(data)
        modes = [_mode(record) for record in decoded.records]
        records = [
            _record(record) if mode else _environment(record)
            for mode, record in zip(modes, decoded.records, strict=True)
        ]
        opened = [row for row, mode in enumerate(modes) if not mode]
        trained = np.array([mode == _TRAIN for mode in modes], bool)
        evaluated = np.array([mode not in {"", _TRAIN} for mode in modes], bool)
        batch = _named(batch_of(records, _KEYS), evaluated)
        begins = self._runs.begins(batch, trained, opened)
        placed = self._positions.place(batch, begins=begins, elsewhere=evaluated)
        return reported(placed, decoded.skipped)

    def remarks(self) -> Sequence[str]:
        """Return what the iterations and the time are."""
        return (
            "iterations are counted through the epochs; 'time' is that of one: step_time",
            "metrics of validations are named val/...",
        )


def _mode(record: Record) -> str:
    mode = record.get("mode")
    return mode if isinstance(mode, str) else ""


def _record(record: Record) -> Record:
    """Return a record without its mode, so that all of it is numbers."""
    return {name: value for name, value in record.items() if name not in {"mode", EVENT_KEY}}


def _environment(record: Record) -> Record:
    """Return the line that opens a run as an event."""
    config = {name: record[name] for name in _ENVIRONMENT if name in record}
    text = config.pop("config", "")
    config.pop("env_info", None)
    if isinstance(text, str):
        found = {name: re.search(pattern, text) for name, pattern in _SETTINGS.items()}
        config |= {name: match[1] for name, match in found.items() if match}
    return {EVENT_KEY: EventKind.CONFIG.value, "config": config}


def _named(batch: Batch, evaluated: Mask) -> Batch:
    names = {name: f"val/{name}" for name in batch.samples if not name.startswith(_KEPT)}
    batch = without_placeholders(renamed_in(batch, evaluated, names), evaluated)
    return scaled(renamed(batch, {"time": "step_time"}), "memory", _MEBIBYTE)
