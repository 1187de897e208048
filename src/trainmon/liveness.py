"""What can be known of the process that writes a log."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any


class Process(StrEnum):
    """Whether the training process lives."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"
    """It runs elsewhere, or the log does not say which process it is."""


ProcessProbe = Callable[[Mapping[str, Any]], Process]
"""Tells from a header whether the process that wrote it lives."""


def no_process(_: Mapping[str, Any]) -> Process:
    """Return that nothing is known of any process."""
    return Process.UNKNOWN
