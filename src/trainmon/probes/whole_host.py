"""All that is read of this host: its load, its traffic, and the processes of the runs on it."""

import os
import time
from collections.abc import Callable

import psutil

from trainmon.probes.family import Children, descendants, read_children
from trainmon.probes.host import HostProbe
from trainmon.probes.process import environment_of
from trainmon.probes.sample import Sample
from trainmon.probes.traffic import Traffic
from trainmon.probes.tree import Tree

_LOOK_SECONDS = 5.0
"""Time between two looks for new descendants, which reads every process of the host; one that has
ended is missed at once."""

CHOOSING = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Variables that choose the cards of a process; the last two are for those of AMD."""


class WholeHost:
    """Samples the host, and the processes of `pids`, which another thread may replace.

    `children` tells who began whom, `environment` what a process began with. Everything else is
    owned by the thread that samples; `clock` is in seconds.
    """

    def __init__(
        self,
        host: HostProbe | None = None,
        traffic: Traffic | None = None,
        children: Callable[[], Children] = read_children,
        environment: Callable[[int], dict[str, str] | None] = environment_of,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asking = ""
        self.pids: tuple[int, ...] = ()
        """The processes of the runs that are watched."""
        self._host = host or HostProbe()
        self._traffic = traffic or Traffic(clock=clock)
        self._clock = clock
        self._read_children = children
        self._environment = environment
        self._choices: dict[int, str | None] = {}
        self._trees: dict[int, Tree] = {}
        self._looked_for: tuple[int, ...] = ()
        self._next_look = float("-inf")

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
        return Sample(readings, trees=trees, choices=self._chosen(), cores=self._host.cores)

    def _chosen(self) -> dict[int, str | None]:
        """Return how the runs chose their cards; their environments are read once."""
        before, self._choices = self._choices, {}
        for pid in self._trees:
            if pid in before:
                self._choices[pid] = before[pid]
            elif (told := self._environment(pid)) is not None:
                words = (told[name] for name in CHOOSING if name in told)
                self._choices[pid] = next(words, None)
        return dict(self._choices)

    def _of_runs(self) -> dict[str, float]:
        """Return what is read of the runs' processes, as ``run<pid>/rss``."""
        readings: dict[str, float] = {}
        pids, trees, self._trees = self.pids, self._trees, {}
        children = self._children_of(pids)
        for pid in pids:
            try:
                tree = trees.get(pid) or Tree(pid, self._clock)
                if children is not None:
                    tree.find((pid, *descendants(pid, children, pids)))
                told = tree.sample()
            except (psutil.Error, OSError):
                continue
            self._trees[pid] = tree
            readings |= {f"run{pid}/{name}": value for name, value in told.items()}
        return readings

    def _children_of(self, pids: tuple[int, ...]) -> Children | None:
        """Return who began whom where it is time to look; None where the last look will do."""
        now = self._clock()
        if not pids or (pids == self._looked_for and now < self._next_look):
            return None
        self._looked_for, self._next_look = pids, now + _LOOK_SECONDS
        return self._read_children()
