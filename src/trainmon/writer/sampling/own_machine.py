"""What this process can tell of its machine: itself, its GPUs, and the host."""

import os
from collections.abc import Callable, Mapping
from functools import partial

from trainmon.probes.amd import AmdProbe
from trainmon.probes.as_logged import as_logged
from trainmon.probes.aside import Aside, Probe
from trainmon.probes.family import children_below
from trainmon.probes.gpus import Gpus
from trainmon.probes.nvml import NvmlProbe
from trainmon.probes.sample import Sample
from trainmon.probes.whole_host import WholeHost
from trainmon.record import CONSTANT_READINGS
from trainmon.writer.sampling.own_cards import OwnCards
from trainmon.writer.sampling.place import Place

_PATIENCE = 1.0
"""Seconds that a sample waits for a driver that was just asked; after that it goes without."""

_LOOK_EVERY = 32
"""Samples after which all cards are looked at again: a process seldom takes another one."""

_LARGE = 1_000.0
"""Readings from here on are bytes and the like, and told in whole numbers."""

_DIGITS = 3
"""Behind the point of smaller ones: of a share that is a tenth of a percent."""


class CardsRead(Probe):
    """Reads the cards, the own ones alone where it is known which these are."""

    def __init__(self) -> None:
        self._nvml = NvmlProbe(bus=False)
        self._gpus = Gpus((self._nvml, AmdProbe()), name=lambda _: "")

    @property
    def asking(self) -> str:
        """What a driver is being asked."""
        return self._gpus.asking

    def read_only(self, gpus: frozenset[str]) -> None:
        """Read these from now on; all if there is none."""
        self._nvml.only = gpus

    def read(self) -> Sample:
        """Return what is read now."""
        return self._gpus.read()


class OwnMachine:
    """Samples this process, its cards and, on the first rank of a node, the host.

    A driver that hangs holds up one thread alone, and is told in `trouble`. Owned by the thread
    that samples; `gpus` and `host` read the machine, `pid` is this process.
    """

    def __init__(
        self,
        place: Place,
        *,
        cards: OwnCards | None = None,
        gpus: Aside | None = None,
        host: Probe | None = None,
        pid: int | None = None,
        read_only: Callable[[frozenset[str]], None] | None = None,
    ) -> None:
        self.trouble = ""
        """What hangs, in words; empty while nothing does."""
        self._place = place
        self._pid = pid or os.getpid()
        self._cards = cards or OwnCards(place, os.environ)
        reads = CardsRead()
        self._gpus = gpus or Aside("GPU", reads)
        self._read_only = read_only or reads.read_only
        self._host = host or _host_of(self._pid)
        self._own: tuple[str, ...] = ()
        self._count = 0
        self._constant: dict[str, float] = {}

    def sample(self) -> dict[str, float]:
        """Return the readings of now by the names of the log; what never changes is told once."""
        looks = self._count % _LOOK_EVERY == 0 or not self._own
        self._count += 1
        if looks:
            self._read_only(frozenset())
        self._gpus.ask()
        host = self._host.read()
        gpus = self._gpus.answer(_PATIENCE)
        self.trouble = next((note for note in gpus.notes if " hangs " in note), "")
        if looks and gpus.cards:
            self._own = self._cards.among(gpus, host.trees.get(self._pid, (self._pid,)))
            self._read_only(frozenset(gpu.partition("/")[0] for gpu in self._own))
        readings = {**gpus.readings, **host.readings}
        told = as_logged(readings, self._pid, self._own, host=self._place.local_rank == 0)
        return self._changed({name: _rounded(value) for name, value in told.items()})

    def _changed(self, told: Mapping[str, float]) -> dict[str, float]:
        """Return the readings without what is as it was told last, and hardly ever changes."""
        before = self._constant
        constant = {n: v for n, v in told.items() if n.rpartition("/")[2] in CONSTANT_READINGS}
        self._constant = {**before, **constant}
        return {name: value for name, value in told.items() if before.get(name) != value}


def _host_of(pid: int) -> Probe:
    host = WholeHost(children=partial(children_below, pid))
    host.pids = (pid,)
    return host


def _rounded(value: float) -> float:
    return int(value) if value >= _LARGE else round(value, _DIGITS)
