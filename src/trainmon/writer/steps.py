"""Where a run stands: the steps that the script tells, and those in between that it does not.

Values that trainmon measures by itself (a wait for a batch, a gradient norm) belong to steps that
a script which logs every tenth step never names. Their step is estimated from how the told ones
advance, and never so that the next told one would go back.
"""

from typing import SupportsFloat

from trainmon.writer.copies import device_of

_BEFORE_ANY = float("-inf")

_LIMIT = 1 << 63
"""Steps that JSON's readers, and doubles, still tell apart from infinity."""

_MARKS = 20
"""Returns that are worth a note: a script that counts two things in turns needs no more."""


class Steps:
    """The last step told, and an estimate of those that follow it untold."""

    __slots__ = ("_epoch", "_marks", "_stride", "_trusted", "_turns", "_turns_before", "last")

    def __init__(self, start: float | None = None) -> None:
        """Begin after step `start`, or before any."""
        self.last = _BEFORE_ANY if start is None else start
        """The last step told; minus infinity before the first one."""
        self._epoch: SupportsFloat | None = None
        self._marks = 0
        self._stride = 0.0
        self._trusted = False
        self._turns = 0
        self._turns_before = 0

    @property
    def told(self) -> float | None:
        """The last step told, or None."""
        return None if self.last == _BEFORE_ANY else self.last

    def tell(self, step: SupportsFloat, epoch: SupportsFloat | None = None) -> bool:
        """Take note of `step`; return whether the log should mark that it went back.

        Steps that are counted within epochs begin anew with each, and need no mark.
        """
        try:
            now = step if isinstance(step, int) else _at_hand(step)
        except Exception:  # noqa: BLE001 - what is no step is left out of its line, and told there
            return False
        if now == self.last or not abs(now) < _LIMIT:  # NaN is not either
            return False
        went_back = now < self.last
        if went_back:
            stride = 0.0
        elif self.last == _BEFORE_ANY:
            stride = float(now == self._turns + 1)
        else:
            stride = (now - self.last) / (self._turns + 1)
        self._trusted = stride == self._stride > 0
        self._stride, self._turns_before = stride, self._turns
        self.last, self._turns = now, 0
        return went_back and self._marked(epoch)

    def between(self) -> float | None:
        """Return the step of one more row of values for which the script told none.

        None before the first one: the script may resume, or count from anywhere.

        >>> steps = Steps()
        >>> [steps.between() for _ in range(3)], steps.tell(4), [steps.between() for _ in range(3)]
        ([None, None, None], False, [5, 6, 7])
        >>> steps.tell(8), [steps.between() for _ in range(5)]
        (False, [9, 10, 11, 12, 13])
        """
        self._turns += 1
        if self.last == _BEFORE_ANY:
            return None
        # A stride seen once may have been an odd one: stay within an interval of its length.
        turns = self._turns if self._trusted else min(self._turns, self._turns_before)
        step = self.last + self._stride * turns
        return int(step) if step.is_integer() else step

    def at_the_end(self) -> float | None:
        """Return the step of a row that is written because nothing will follow."""
        return self.between() if self._turns else self.told

    def _marked(self, epoch: SupportsFloat | None) -> bool:
        if epoch is not None and epoch != self._epoch:
            self._epoch = epoch
            return False
        self._marks += 1
        return self._marks <= _MARKS


def _at_hand(step: SupportsFloat) -> float:
    if device_of(step) is not None:
        raise ValueError("to ask for it would make the training wait")
    return float(step)
