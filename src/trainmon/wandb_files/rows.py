"""Rows of a W&B history as records: which of its counters is the step, what is a metric."""

import re
from collections.abc import Mapping
from typing import Any

from trainmon.record import EVENT_KEY, HEADER_KEY
from trainmon.store.batch import PositionKeys

_STEPS = ("trainer/global_step", "train/global_step", "global_step", "step")
"""Counters of optimizer steps that frameworks log, as ``_step`` often counts calls instead."""

_EPOCHS = ("epoch", "train/epoch", "trainer/epoch")

_NO_METRICS = frozenset(
    {"_step", "_timestamp", "_runtime", "_wandb", *_STEPS, EVENT_KEY, HEADER_KEY}
)

ROW_KEYS = PositionKeys(step=("_step",), epoch=("_epoch",), time=("_timestamp",))
"""Where the records made here tell their positions: a metric may be called ``time``."""

_DEPTH_LIMIT = 8
"""Levels of nesting within a value that are read: real ones have one or two."""

_OF_GPU = re.compile(r"gpu\.(\d{1,3})\.(\w+)")

_GPU_NAMES = {
    "gpu": ("util", 0.01),
    "memoryAllocatedBytes": ("mem_used", 1.0),
    "temp": ("temp", 1.0),
    "powerWatts": ("power", 1.0),
    "enforcedPowerLimitWatts": ("power_limit", 1.0),
    "smClock": ("clock", 1.0),
}
"""W&B's names -> trainmon's, and what makes their values fractions."""

_MEGABYTE = float(1 << 20)

_HOST_NAMES = {"cpu": ("sys/cpu", 0.01), "proc.memory.rssMB": ("sys/rss", _MEGABYTE)}


class HistoryRows:
    """Makes records of history rows. Owned by its source.

    Once a framework's own counter of steps has been seen, rows without it stand at no step, since
    two counters do not mix.
    """

    def __init__(self) -> None:
        self._step_key = "_step"

    def record(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the metrics of a row with its step, epoch and time; None if it has no metric."""
        if self._step_key == "_step":
            self._step_key = next((key for key in _STEPS if key in row), "_step")
        epoch_key = next((key for key in _EPOCHS if key in row), "")
        # Media come flattened as well: "table/_type" beside "table/nrows".
        media = tuple(name.removesuffix("_type") for name in row if name.endswith("/_type"))
        record = {
            name: _without_media(value)
            for name, value in row.items()
            if name not in _NO_METRICS and name != epoch_key and not name.startswith(media)
        }
        if not record:
            return None
        return {
            **record,
            "_step": _number(row.get(self._step_key)),
            "_epoch": _number(row.get(epoch_key)),
            "_timestamp": _number(row.get("_timestamp")),
        }


def system_record(time: float, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the hardware's state under trainmon's names and units; None if nothing is known.

    >>> system_record(1.0, {"gpu.0.gpu": 50.0, "disk": 9.0})
    {'sys/gpu0/util': 0.5, '_timestamp': 1.0}
    """
    record: dict[str, Any] = {}
    for key, value in values.items():
        if not isinstance(value, (int, float)):
            continue
        of_gpu = _OF_GPU.fullmatch(key)
        if of_gpu and of_gpu[2] in _GPU_NAMES:
            name, scale = _GPU_NAMES[of_gpu[2]]
            record[f"sys/gpu{of_gpu[1]}/{name}"] = value * scale
        elif key in _HOST_NAMES:
            name, scale = _HOST_NAMES[key]
            record[name] = value * scale
    return {**record, "_timestamp": time} if record else None


def _without_media(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON is any value
    """Return a value without images, tables and the like, which W&B marks by their type."""
    if not isinstance(value, dict):
        return value
    if "_type" in value or depth >= _DEPTH_LIMIT:
        return None
    return {name: _without_media(part, depth + 1) for name, part in value.items()}


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float)) else None
    except OverflowError:
        return None
