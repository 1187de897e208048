"""Reads the load and the memory of this host, or of the part of it that we may use."""

import os
import time
from collections.abc import Callable

import psutil

from trainmon.probes.container import Container
from trainmon.probes.cpu import CpuUse
from trainmon.probes.rates import Rates


class HostProbe:
    """Samples CPU, memory and swap, as fractions and bytes.

    Inside a container, or a job of a batch system, its limits are the whole: the CPU time and the
    memory that are there to use. Owned by the thread that samples; `clock` is in seconds.
    """

    def __init__(
        self,
        *,
        container: Container | None = None,
        cpu: CpuUse | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cores = b""
        """How busy each core of the host was, in percent."""
        self._container = container or Container()
        self._cpu = cpu or CpuUse()
        self._rates = Rates(clock)
        self._group_busy()  # the first look only sets the beginning of the first interval

    def sample(self) -> dict[str, float]:
        """Return the readings by name; what the system does not tell is left out."""
        readings: dict[str, float] = {}
        for read in (self._processor, self._memory, self._swap):
            try:
                readings |= read()
            except (OSError, psutil.Error, RuntimeError, ValueError):
                continue
        return readings

    def _processor(self) -> dict[str, float]:
        """Return how busy the CPU is, as a share of what we may use of it, in cores."""
        there, allowed = os.cpu_count() or 1, _allowed()
        usable = float(len(allowed) if allowed else there)
        quota = self._container.cores()
        group = self._group_busy()
        if quota is not None:
            usable = min(usable, quota)
        readings = {"cores": usable, "cores_total": float(there)}
        if use := self._cpu.look(allowed):
            self.cores = bytes(round(100 * min(share, 1.0)) for share in use.cores)
            readings |= {"cpu": use.busy, "io_wait": use.io_wait}
        if quota is not None and group is not None:
            readings["cpu"] = min(group / usable, 1.0)
        return readings

    def _group_busy(self) -> float | None:
        """Return the cores' worth of time that our control group used since the last look."""
        seconds = self._container.cpu_seconds()
        return None if seconds is None else self._rates.rate("cpu", seconds)

    def _memory(self) -> dict[str, float]:
        """Return used and total memory, of our control group if that has a limit."""
        memory = psutil.virtual_memory()
        used, total = float(memory.total - memory.available), float(memory.total)
        group = self._container.memory()
        if group and group.limit < total:
            return {"mem_used": group.used, "mem_total": group.limit, "mem_host": total}
        return {"mem_used": used, "mem_total": total}

    @staticmethod
    def _swap() -> dict[str, float]:
        return {"swap_used": float(psutil.swap_memory().used)}


def _allowed() -> frozenset[int] | None:
    """Return the cores that we may run on; None where the system does not tell."""
    try:
        return frozenset(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return None
