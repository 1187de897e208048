"""The batches of an epoch in their order, with the time that each took.

Keras may report the ends of batches from several threads, in any order, so that the training need
not wait until the numbers of one have come from the device.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Execution:
    """One or more batches that Keras ran in one go."""

    batches: int
    """How many there were."""
    done: int
    """How many batches of the epoch were done after them."""
    logs: Mapping[str, object]
    data_time: float
    """Seconds for which nothing could run since the batches before, for want of these."""
    step_time: float
    """Seconds from the end of the batches before to the end of these."""


@dataclass(slots=True)
class _Open:
    """An execution that has begun."""

    first: int
    began: float
    ended: float | None = None
    last: int = 0
    logs: Mapping[str, object] | None = None


class Batches:
    """Puts the batches of an epoch in order. The caller sees to it that one thread calls at a time.

    >>> batches = Batches()
    >>> batches.restart(now=0.0)
    >>> batches.begin(0, now=0.5), batches.begin(1, now=0.75)
    (None, None)
    >>> batches.end(1, {"loss": 2.0}, now=2.0)
    []
    >>> [(b.done, b.logs, b.data_time, b.step_time) for b in batches.end(0, {"loss": 4.0}, now=1.0)]
    [(1, {'loss': 4.0}, 0.5, 1.0), (2, {'loss': 2.0}, 0.0, 1.0)]
    """

    def __init__(self) -> None:
        self._open: deque[_Open] = deque()
        self._ended = 0.0
        self._done = 0

    def restart(self, *, now: float) -> None:
        """Begin an epoch at `now` (seconds since whenever)."""
        self._open.clear()
        self._ended, self._done = now, 0

    def begin(self, first: int, *, now: float) -> None:
        """Have the batch `first`, counted from 0, and maybe more after it."""
        self._open.append(_Open(first, now))

    def end(self, last: int, logs: Mapping[str, object], *, now: float) -> list[Execution]:
        """Be done with what began before `last`; return what is done with all before it."""
        begun = next((each for each in reversed(self._open) if each.first <= last), None)
        if begun is None:
            return []
        begun.last, begun.logs, begun.ended = last, logs, now
        done = []
        while self._open and self._open[0].logs is not None:
            done.append(self._close(self._open.popleft()))
        return done

    def _close(self, execution: _Open) -> Execution:
        before, batches_before = self._ended, self._done
        # What was overtaken on its way through the threads ended no later than what followed it.
        ended = max(before, execution.ended or before)
        self._ended, self._done = ended, execution.last + 1
        return Execution(
            batches=self._done - batches_before,
            done=self._done,
            logs=execution.logs or {},
            data_time=max(0.0, execution.began - before),
            step_time=ended - before,
        )
