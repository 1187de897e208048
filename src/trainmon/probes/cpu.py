"""How busy the cores of this host are, from one look at the counters of the kernel to the next."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import psutil


@dataclass(frozen=True, slots=True)
class Use:
    """Shares of the time since the last look."""

    busy: float
    io_wait: float
    """Idle, while somebody waited for a disk: nothing where the system does not count it."""
    cores: tuple[float, ...]
    """How busy each core was."""


Spent = tuple[float, float, float]
"""Seconds since the start: busy, waiting for disks, in all."""


def read_times() -> Sequence[Any]:
    """Return what the kernel has counted, core by core."""
    return psutil.cpu_times(percpu=True)


class CpuUse:
    """Compares with the last look, whichever thread that was in. `read` gives the counters."""

    def __init__(self, read: Callable[[], Sequence[Any]] = read_times) -> None:
        self._read = read
        self._last = [_spent(times) for times in read()]

    def look(self, cores: Collection[int] | None = None) -> Use | None:
        """Return the use since the last look, in all over some cores; None if no time passed."""
        last, self._last = self._last, [_spent(times) for times in self._read()]
        if len(last) != len(self._last):  # a core was added, or taken away
            return None
        grown = [
            tuple(max(0.0, after - before) for before, after in zip(*pair, strict=True))
            for pair in zip(last, self._last, strict=True)
        ]
        ours = [each for core, each in enumerate(grown) if cores is None or core in cores]
        total = sum(each[2] for each in ours)
        if not total:
            return None
        return Use(
            sum(each[0] for each in ours) / total,
            sum(each[1] for each in ours) / total,
            tuple(each[0] / each[2] if each[2] else 0.0 for each in grown),
        )


def _spent(times: Any) -> Spent:  # noqa: ANN401 - psutil's tuples have other fields on each system
    """Return the seconds of a core; those of guests are counted as the host's already."""
    waiting = getattr(times, "iowait", 0.0)
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - waiting, waiting, total
