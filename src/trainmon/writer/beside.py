"""Metrics that wait for the next line of the script, to stand on it beside the script's own."""

from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress


class Beside:
    """What waits. Any thread may add while another takes: each mapping goes to one line, whole."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: deque[dict[str, object]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def has_one_of(self, metrics: Mapping[str, object]) -> bool:
        """Return whether one of these names is waiting already."""
        return not all(waiting.keys().isdisjoint(metrics) for waiting in tuple(self._waiting))

    def add(self, metrics: Mapping[str, object]) -> None:
        """Let `metrics` wait, as they are now."""
        self._waiting.append(dict(metrics))

    def drop(self, names: Iterable[str]) -> None:
        """Let what waits under these names go."""
        names = tuple(names)
        for waiting in tuple(self._waiting):
            for name in names:
                waiting.pop(name, None)

    def take(self) -> dict[str, object]:
        """Return all that waits, and let it wait no more."""
        taken: dict[str, object] = {}
        with suppress(IndexError):
            while True:
                taken |= self._waiting.popleft()
        return taken
