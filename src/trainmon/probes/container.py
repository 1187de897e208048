"""What the control group of a process allows it: containers and batch systems limit through it.

Both versions are read: one tree for all (v2), or one for each controller (v1). Linux kernel
documentation, admin-guide/cgroup-v2 and cgroup-v1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")

_NO_LIMIT = 2.0**60
"""Bytes from which on a limit of v1 is none: without one it tells the largest number of pages."""

_MICRO, _NANO = 1e-6, 1e-9


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a control group, in bytes."""

    limit: float
    used: float
    """Less what the kernel gives back first: files read a while ago."""


class Container:
    """Reads the limits of the group that a process is in, and of those that it is nested in.

    A process that is limited by nothing, or a system without control groups, has no limits.
    `membership` is the file that tells the group, `root` is where the groups are mounted.
    """

    def __init__(self, root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> None:
        self._cpu: list[Path] = []
        self._memory: list[Path] = []
        self._time: list[Path] = []
        for line in _text(membership).splitlines():
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            names = controllers.split(",") if controllers else []
            if not controllers:  # v2, which may stand beside v1 with no controllers of its own
                folders = list(_nested(root, path))
                self._cpu += folders
                self._memory += folders
                self._time += folders
            if "cpu" in names:
                self._cpu += _mounted(root, "cpu", controllers, path)
            if "cpuacct" in names:
                self._time += _mounted(root, "cpuacct", controllers, path)
            if "memory" in names:
                self._memory += _mounted(root, "memory", controllers, path)

    def cores(self) -> float | None:
        """Return how many cores' worth of time may be used; None without a limit."""
        return min(filter(None, map(_quota, self._cpu)), default=None)

    def memory(self) -> Memory | None:
        """Return the narrowest limit of memory and what is used of it; None without a limit."""
        limits = [(limit, folder) for folder in self._memory if (limit := _limit(folder))]
        if not limits:
            return None
        limit, folder = min(limits)
        return Memory(limit, _used(folder))

    def cpu_seconds(self) -> float | None:
        """Return the time that the group has used of all cores; None where it is not told."""
        for folder in self._time:
            told = _fields(folder / "cpu.stat").get("usage_usec")
            if told is not None:
                return told * _MICRO
            told = _number(folder / "cpuacct.usage")
            if told is not None:
                return told * _NANO
        return None


def _mounted(root: Path, controller: str, controllers: str, path: str) -> list[Path]:
    """Return the folders of a controller of v1, which is mounted alone or with its neighbours."""
    for name in (controller, controllers):
        if (root / name).is_dir():
            return list(_nested(root / name, path))
    return []


def _nested(root: Path, path: str) -> Iterator[Path]:
    """Yield the folder of a group and those around it; inside a container the path may be another.

    >>> [str(folder) for folder in _nested(Path("/"), "/no/such/group")]
    ['/']
    """
    parts = [part for part in path.split("/") if part not in {"", ".."}]
    for length in range(len(parts), -1, -1):
        folder = root.joinpath(*parts[:length])
        if folder.is_dir():
            yield folder


def _quota(folder: Path) -> float | None:
    quota, _, period = _text(folder / "cpu.max").partition(" ")
    if not quota:
        quota = _text(folder / "cpu.cfs_quota_us")
        period = _text(folder / "cpu.cfs_period_us")
    try:
        cores = float(quota) / float(period)
    except (ValueError, ZeroDivisionError):  # "max", or no such file
        return None
    return cores if cores > 0 else None


def _limit(folder: Path) -> float | None:
    limit = _number(folder / "memory.max") or _number(folder / "memory.limit_in_bytes")
    return limit if limit and limit < _NO_LIMIT else None


def _used(folder: Path) -> float:
    used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes") or 0.0
    held = _fields(folder / "memory.stat")
    return max(0.0, used - held.get("total_inactive_file", held.get("inactive_file", 0.0)))


def _number(file: Path) -> float | None:
    text = _text(file)
    return float(text) if text.isdecimal() else None


def _fields(file: Path) -> dict[str, float]:
    pairs = (line.partition(" ") for line in _text(file).splitlines())
    return {name: float(value) for name, _, value in pairs if value.isdecimal()}


def _text(file: Path) -> str:
    """Return what a file holds; nothing where there is none, or it may not be read."""
    try:
        return file.read_text().strip()
    except (OSError, ValueError):
        return ""
