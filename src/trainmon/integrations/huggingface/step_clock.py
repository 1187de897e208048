"""How long a Trainer's steps take, told from when it calls its callbacks."""

from collections.abc import Callable
from time import perf_counter


class StepClock:
    """The wait for the batches and the whole of each step, in seconds.

    A Trainer fetches all batches of an optimizer step before the step begins. So the wait is the
    time since it last did something else: the step before, or logging, evaluating or saving after
    that. Steps on a GPU end here when all is queued; over several steps that comes to the same.
    """

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self._timer = timer
        self._free_since = self._began = timer()

    def free(self) -> None:
        """Take note that what the Trainer was busy with is done: next come the batches."""
        self._free_since = self._timer()

    def begin(self) -> None:
        """Take note that the batches of a step are at hand."""
        self._began = self._timer()

    def end(self) -> dict[str, object]:
        """Return the times of the step that is done.

        >>> clock = StepClock(iter([0.0, 0.25, 1.0]).__next__)
        >>> clock.begin()
        >>> clock.end()
        {'data_time': 0.25, 'step_time': 1.0}
        """
        started, began = self._free_since, self._began
        self.free()
        return {"data_time": began - started, "step_time": self._free_since - started}
