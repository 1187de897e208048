"""How long a trainer's iterations take, told from its events."""

from collections.abc import Callable


class TrainerTimes:
    """The times of one optimizer step, summed over its iterations. `timer` returns seconds.

    >>> times = TrainerTimes(iter([0.0, 0.25, 1.0]).__next__)
    >>> times.wait(), times.begin(), times.end()
    (None, None, None)
    >>> times.take()
    {'data_time': 0.25, 'step_time': 1.0}
    """

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._asked: float | None = None
        self._began: float | None = None
        self._data_time = self._step_time = 0.0

    def wait(self) -> None:
        """Ask for a batch."""
        self._asked = self._timer()

    def begin(self) -> None:
        """Have the batch."""
        self._began = self._timer()

    def end(self) -> None:
        """Be done with the batch; one that nobody asked for is an iteration without data."""
        if self._asked is not None and self._began is not None:
            self._data_time += self._began - self._asked
            self._step_time += self._timer() - self._asked
        self._asked = self._began = None

    def take(self) -> dict[str, float]:
        """Return the times of the step, if there are any, and begin the next one."""
        times = {"data_time": self._data_time, "step_time": self._step_time}
        self._data_time = self._step_time = 0.0
        return times if times["step_time"] else {}
