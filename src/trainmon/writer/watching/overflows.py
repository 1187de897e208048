"""Tells gradients that overflow by design from those that should not."""

STREAK_LIMIT = 10
"""Halvings of the loss scale in a row that are routine: from 65,536 they lead to 64, where a model
that is in order has long stopped overflowing."""


class Overflows:
    """Counts steps in a row that a loss scaler skipped.

    Mixed precision finds the largest scale by overflowing: infinite gradients, a skipped step, half
    the scale. All passes of one accumulated step have the same scale and count once.
    """

    def __init__(self) -> None:
        self._scales: set[float] = set()

    def is_routine(self, scale: float | None) -> bool:
        """Return whether gradients that are not finite at `scale` are no cause for alarm.

        >>> overflows = Overflows()
        >>> [overflows.is_routine(2.0**power) for power in (16, 16, 15)], overflows.is_routine(None)
        ([True, True, True], False)
        """
        if scale is None:
            return False
        self._scales.add(scale)
        return len(self._scales) <= STREAK_LIMIT

    def end(self) -> None:
        """Take note of gradients that are finite."""
        self._scales.clear()
