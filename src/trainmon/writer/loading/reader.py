"""What reads the samples of a batch: as hashes by which a sample that comes again is known."""

from typing import Protocol


class UnreadableError(ValueError):
    """A batch, or a part of it, that tells nothing of its samples; the message says why."""


class AlikeError(UnreadableError):
    """All samples of a batch are the same in what was read."""

    def __init__(self) -> None:
        super().__init__("its samples all look the same")


Read = tuple[list[int], str]
"""Hashes of 64 evenly spread bits, one for each sample that was chosen by its content; and eight
hexadecimal digits by which the batch is known when it comes again."""


class Reader(Protocol):
    """Reads one leaf of each batch."""

    variety: float
    """The share of the first batch's samples that differ, as far as they were compared."""
    width: float
    """How many numbers a sample has, about."""

    def read(self, leaf: object) -> Read:
        """Return what the leaf tells of the batch; raises if it cannot be read."""
