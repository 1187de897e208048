"""How long an optimizer step took, and how much of that it waited for its batches."""

from collections.abc import Callable


class StepClock:
    """The times of one step, summed over the batches whose gradients it accumulates.

    `timer` returns seconds since whenever. A step on a GPU ends here when all of it is queued;
    over several steps that comes to the same.

    >>> clock = StepClock(iter([0.0, 0.25, 1.0]).__next__)
    >>> clock.wait(), clock.begin(), clock.end()
    (None, None, None)
    >>> clock.take()
    {'data_time': 0.25, 'step_time': 1.0}
    """

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._since: float | None = None
        self._began: float | None = None
        self._data_time: float | None = 0.0
        self._step_time: float | None = 0.0

    def wait(self) -> None:
        """Begin to wait for a batch."""
        self._since = self._timer()

    def interrupt(self) -> None:
        """Leave the time of the next batch unknown: other things take place before it."""
        self._since = None

    def begin(self) -> None:
        """Have the batch."""
        self._began = self._timer()

    def end(self) -> None:
        """Be done with the batch, and begin to wait for the next."""
        now = self._timer()
        if self._since is None or self._began is None:
            self._data_time = self._step_time = None
        elif self._data_time is not None and self._step_time is not None:
            self._data_time += self._began - self._since
            self._step_time += now - self._since
        self._since, self._began = now, None

    def take(self) -> dict[str, float]:
        """Return the times of the step, those that are known, and begin the next one."""
        times = {"data_time": self._data_time, "step_time": self._step_time}
        self._data_time = self._step_time = 0.0
        return {name: seconds for name, seconds in times.items() if seconds is not None}
