"""The wire format, version 1: what one line of a run's file is.

A run is a folder; each process appends to its own ``rank<r>.jsonl``. A line is one JSON object:
a *header* (it has the key ``trainmon``), an *event* (it has the key ``event``) or *metrics*
(numbers by name, with ``step``, ``epoch`` and ``time`` beside them). The writer and the native
source share this module and nothing else.
"""

from enum import StrEnum
from math import isfinite, isnan
from typing import Final

FORMAT_VERSION: Final = 1
"""The number behind ``trainmon`` in a header; a higher one is refused."""

HEADER_KEY: Final = "trainmon"
EVENT_KEY: Final = "event"

LINE_LIMIT: Final = 1 << 20
"""Bytes of one line (1 MiB): a longer one is skipped with a notice."""

KEYS_LIMIT: Final = 10_000
"""Metrics of one record; what is beyond is left out with a notice."""


CONSTANT_READINGS: Final = frozenset({"mem_total", "power_limit", "clock_max"})
"""Ends of the names of readings of a machine that hardly ever change, and may be told once."""


class EventKind(StrEnum):
    """The events of version 1; others are kept and ignored."""

    CONFIG = "config"
    PHASE = "phase"
    CHECKPOINT = "checkpoint"
    RESUME = "resume"
    EVALUATION = "evaluation"
    OUTPUTS = "outputs"
    INPUTS = "inputs"
    SPIKE = "spike"
    NONFINITE = "nonfinite"
    STOP = "stop"
    EXCEPTION = "exception"
    FINISH = "finish"
    NOTE = "note"


def spell(value: float) -> float | str:
    """Return `value`, or the string that stands for it in strict JSON if it is not finite.

    >>> spell(0.5), spell(float("nan")), spell(float("-inf"))
    (0.5, 'NaN', '-Infinity')
    """
    if isfinite(value):
        return value
    if isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def rank_file(rank: int) -> str:
    """Return the name of the file that the process of this rank appends to.

    >>> rank_file(3)
    'rank3.jsonl'
    """
    return f"rank{rank}.jsonl"
