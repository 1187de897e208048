"""What can be known of the process that writes a log."""

from enum import StrEnum


class Process(StrEnum):
    """Whether the training process lives."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"
    """It runs elsewhere, or the log does not say which process it is."""
