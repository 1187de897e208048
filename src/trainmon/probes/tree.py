"""The processes of a run: its own, and those of its loader's workers."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from trainmon.probes.container import Container
from trainmon.probes.stat import DISK, STOPPED, Stat, read_stat

_HELPERS = ("resource_tracker", "compile_worker")
"""Words in the command of processes that Python and PyTorch start for themselves."""

_SPAWNED, _SERVER = "multiprocessing.spawn", "multiprocessing.forkserver"
"""Words in the command of workers that are not forked, and of the process that forks them."""


@dataclass(slots=True)
class _Member:
    process: psutil.Process
    works: bool
    """It is a worker of the loader."""
    spent: float
    """Seconds of CPU time at the last look."""
    faults: float | None
    """Pages that it had had to wait for a disk for, at the last look; None where none are told."""


class Tree:
    """Reads one run's processes. Owned by the thread that samples.

    `clock` is in seconds; `stat` tells what the kernel counts of a process, and how it stands.
    """

    def __init__(
        self,
        pid: int,
        clock: Callable[[], float] = time.monotonic,
        stat: Callable[[int], Stat | None] = read_stat,
    ) -> None:
        self._root = psutil.Process(pid)
        self._stat = stat
        self._command = _command(self._root)
        self._clock = clock
        self._container = Container(membership=Path(f"/proc/{pid}/cgroup"))
        self._members: dict[int, _Member] = {}
        self._last: float | None = None
        self.find((pid,))

    @property
    def pids(self) -> frozenset[int]:
        """The processes of the run that were alive at the last sample."""
        return frozenset(self._members)

    def sample(self) -> dict[str, float]:
        """Return the readings by name; raise `psutil.Error` where the run has ended.

        ``cores`` is the CPU time of all its processes per second, ``rss`` the memory of its own
        alone: what workers share with it is counted for each of them. ``disk_wait`` is 1 while it,
        or half of its workers, wait for a disk and cannot be interrupted, ``stopped`` while it is
        suspended; ``faults`` are the pages per second that had to come from a disk.
        """
        if not self._root.is_running():
            raise psutil.NoSuchProcess(self._root.pid)
        now = self._clock()
        seconds, self._last = now - (now if self._last is None else self._last), now
        spent = {True: 0.0, False: 0.0}
        memory = {True: 0.0, False: 0.0}
        for pid, member in tuple(self._members.items()):
            try:
                with member.process.oneshot():
                    times, held = member.process.cpu_times(), member.process.memory_info().rss
            except psutil.Error:
                del self._members[pid]
                continue
            total = times.user + times.system
            spent[member.works] += max(0.0, total - member.spent)
            member.spent = total
            if member.works or pid == self._root.pid:
                memory[member.works] += held
        works = sum(member.works for member in self._members.values())
        readings = {"rss": memory[False], "workers": float(works)} | dict(self._allowed())
        if works:
            readings["workers_rss"] = memory[True]
        stands = {pid: self._stat(pid) for pid in self._members}
        readings |= dict(self._standstill(stands, seconds))
        if seconds > 0:
            readings["cores"] = (spent[True] + spent[False]) / seconds
            if works:
                readings["workers_cores"] = spent[True] / seconds
        return readings

    def _standstill(
        self, stands: Mapping[int, Stat | None], seconds: float
    ) -> Iterator[tuple[str, float]]:
        """Yield what keeps the processes from going on, as far as the system tells."""
        own = stands.get(self._root.pid)
        if own is None:
            return
        works = [stand for pid, stand in stands.items() if stand and self._members[pid].works]
        waiting = sum(stand.state == DISK for stand in works)
        halted = own.state == DISK or (waiting > 0 and 2 * waiting >= len(works))
        yield "disk_wait", float(halted)
        yield "stopped", float(own.state in STOPPED)
        grown = 0.0
        for pid, stand in stands.items():
            member = self._members[pid]
            if stand is not None:
                before = stand.faults if member.faults is None else member.faults
                grown += max(0.0, stand.faults - before)
                member.faults = stand.faults
        if seconds > 0:
            yield "faults", grown / seconds

    def _allowed(self) -> Iterator[tuple[str, float]]:
        """Yield what the run may use, where that is limited."""
        quota = self._container.cores()
        try:
            allowed = float(len(self._root.cpu_affinity()))
        except (AttributeError, psutil.Error, OSError):
            allowed = float(psutil.cpu_count() or 1)
        yield "cores_allowed", min(allowed, quota or allowed)
        if memory := self._container.memory():
            yield "mem_limit", memory.limit
            yield "mem_used", memory.used

    def find(self, pids: Collection[int]) -> None:
        """Take these as the processes of the run; those known already go on from their times."""
        known, self._members = self._members, {}
        for pid in pids:
            try:
                process = self._root if pid == self._root.pid else psutil.Process(pid)
            except psutil.Error:
                continue
            old = known.get(pid)
            works = process != self._root and self._works(process)
            if old and old.process == process:
                old.works = works  # it may not have become what it is when it was seen first
                self._members[pid] = old
            else:
                self._members[pid] = _Member(process, works, _spent(process), None)

    def _works(self, process: psutil.Process) -> bool:
        """Return whether a descendant is a worker of the loader: forked, or spawned by Python."""
        command = _command(process)
        if not command or any(word in command for word in _HELPERS):
            return False
        if command == self._command or _SPAWNED in command:
            return True
        return _SERVER in command and _SERVER in _command_of_parent(process)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except (psutil.Error, OSError):
        return ""


def _command_of_parent(process: psutil.Process) -> str:
    try:
        parent = process.parent()
    except psutil.Error:
        return ""
    return _command(parent) if parent else ""


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system
