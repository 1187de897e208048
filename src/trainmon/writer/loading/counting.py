"""How many samples a batch holds."""

from collections.abc import Callable, Mapping
from typing import Any

from trainmon.writer.loading.hand_over import HandOver
from trainmon.writer.loading.leaves import Path, at, is_array, leaves, rows_of

CountOf = Callable[[Any], int]
"""Returns how many samples a batch holds."""


class Counting:
    """Counts the samples handed over since the run began, in this process.

    A batch has as many as its first tensor has rows or its first list of values has items, unless
    the script says otherwise. A list of as many tensors as the loader's `batch_size`, each of a
    shape of its own, holds one sample in each.
    """

    what = "the count of samples"

    def __init__(self, told: int | CountOf | None, batch_size: int | None, *, tells: bool) -> None:
        """Count by what the script told, a number or a function, if it did; `tells` logs it."""
        self._tells = tells
        self._total = 0
        self._told = told
        self._batch_size = batch_size
        self._path: Path | None = None

    def begin(self, expected: int | None) -> None:
        """Go on; the count is that of the run."""

    def take(self, hand: HandOver) -> None:
        """Count one batch."""
        told = self._told
        if told is None:
            hand.samples = self._count(hand.batch)
        else:
            hand.samples = told(hand.batch) if callable(told) else told
        if hand.samples is not None:
            self._total += hand.samples
            if self._tells:
                hand.metrics["samples"] = self._total

    def end(self) -> Mapping[str, float]:
        """Return nothing: the count goes on with the next pass."""
        return {}

    def _count(self, batch: object) -> int | None:
        try:
            if self._path is not None:
                return rows_of(at(batch, self._path))
        except (LookupError, TypeError, AttributeError):
            pass  # this batch is built otherwise
        found = leaves(batch)
        if not found:
            return None
        self._path, leaf = found[0]
        if self._path == (0,) and self._is_list_of_samples(batch, leaf):
            self._path = ()
            return self._batch_size
        return rows_of(leaf)

    def _is_list_of_samples(self, batch: Any, first: Any) -> bool:  # noqa: ANN401 - see leaves
        size = self._batch_size
        return size is not None and len(batch) == size and is_array(first) and len(first) != size
