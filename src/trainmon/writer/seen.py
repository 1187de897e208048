"""The batches that a training loop got last, so that a bad one can be named."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 16
"""Batches remembered: a GPU's values arrive within a second, at most some steps late."""


@dataclass(slots=True)
class SeenBatch:
    """One batch that was handed to the training loop."""

    index: int
    """Its number within its epoch, from 0."""
    epoch: int
    """The pass over the loader, from 0."""
    samples: int
    ids: Sequence[object] | None = None
    """The samples' own names, if the loop told how to get them."""
    fingerprint: str | None = None
    batch: object | None = None
    """The batch itself, while it is kept."""
    handed: float = 0.0
    """When it was handed over, by `time.perf_counter`."""


Seen = deque[SeenBatch]
