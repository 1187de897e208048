"""How many batches a pass had, beside how many it should have had."""

from collections.abc import Mapping

from trainmon.writer.loading.hand_over import HandOver

_TOLERANCE = 1.1
"""Times the expected batches that a pass may have before it is told while it still runs: last
batches that are not full, one for each worker, stay below it in passes worth the name."""


class Completeness:
    """Counts the batches of each pass."""

    what = "the count of batches"

    def __init__(self, prefix: str) -> None:
        """Name the metrics ``<prefix>batches`` and ``<prefix>batches_expected``."""
        self._prefix = prefix
        self._expected: int | None = None
        self._batches = 0
        self._alarm_at = 0

    def begin(self, expected: int | None) -> None:
        """Count anew."""
        self._batches = 0
        self._expected = expected
        self._alarm_at = -1 if expected is None else int(expected * _TOLERANCE) + 1

    def take(self, hand: HandOver) -> None:
        """Count a batch; tell at once when it is one too many."""
        self._batches += 1
        if self._batches == self._alarm_at:
            hand.metrics |= self.end()

    def end(self) -> Mapping[str, float]:
        """Return the batches of the pass, and the expected ones where they are known."""
        metrics = {f"{self._prefix}batches": self._batches}
        if self._expected is not None:
            metrics[f"{self._prefix}batches_expected"] = self._expected
        return metrics
