"""All that is read of this host: its load, its traffic, and the processes of the runs on it."""

import os
import time
from collections.abc import Callable

import psutil

from trainmon.probes.host import HostProbe
from trainmon.probes.sample import Sample
from trainmon.probes.traffic import Traffic
from trainmon.probes.tree import Tree


class WholeHost:
    """Samples the host, and the processes of `pids`, which another thread may replace.

    Everything else is owned by the thread that samples; `clock` is in seconds.
    """

    def __init__(
        self,
        host: HostProbe | None = None,
        traffic: Traffic | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asking = ""
        self.pids: tuple[int, ...] = ()
        """The processes of the runs that are watched."""
        self._host = host or HostProbe()
        self._traffic = traffic or Traffic(clock=clock)
        self._clock = clock
        self._trees: dict[int, Tree] = {}

    def read(self) -> Sample:
        """Return what is read now; what the system does not tell is left out."""
        self.asking = "load and memory"
        readings = self._host.sample()
        try:
            self.asking = "disks and network"
            readings |= self._traffic.sample()
            readings["load"] = os.getloadavg()[0]
        except (OSError, psutil.Error, RuntimeError):
            pass
        self.asking = "processes"
        readings |= self._of_runs()
        trees = {pid: tree.pids for pid, tree in self._trees.items()}
        return Sample(readings, trees=trees, cores=self._host.cores)

    def _of_runs(self) -> dict[str, float]:
        """Return what is read of the runs' processes, as ``run<pid>/rss``."""
        readings: dict[str, float] = {}
        trees, self._trees = self._trees, {}
        for pid in self.pids:
            try:
                tree = trees.get(pid) or Tree(pid, self._clock)
                told = tree.sample()
            except (psutil.Error, OSError):
                continue
            self._trees[pid] = tree
            readings |= {f"run{pid}/{name}": value for name, value in told.items()}
        return readings
