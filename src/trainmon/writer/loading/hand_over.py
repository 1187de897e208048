"""One batch on its way to the loop, and what is found out about it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(slots=True)
class HandOver:
    """A batch that the loop is about to get; the parts fill in what they find."""

    batch: object
    index: int
    """Its number within its pass, from 0."""
    wait: float
    """Seconds that the loader took for it."""
    whole: float | None = None
    """Seconds since the batch before it was handed over; None for the first of a pass."""
    step: float | None = None
    """The step that the script told last."""
    samples: int | None = None
    ids: Sequence[object] | None = None
    fingerprint: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    spikes: list[dict[str, Any]] = field(default_factory=list)
    """Fields of the spike events to be written now."""


class Part(Protocol):
    """One thing that is watched over all passes of a loader; one that fails is left out."""

    what: str
    """Its name in the line that tells of its failure."""

    def begin(self, expected: int | None) -> None:
        """Get ready for a pass that should have `expected` batches, if that is known."""

    def take(self, hand: HandOver) -> None:
        """Look at one batch."""

    def end(self) -> Mapping[str, float]:
        """Return the metrics of the pass as a whole."""
