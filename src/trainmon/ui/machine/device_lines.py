"""The lines of a device: what is read of a GPU, of the host, of a run's processes, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Final

import numpy as np

from trainmon.probes.sample import GpuProcess
from trainmon.store.batch import Floats
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, count, duration, number, share
from trainmon.ui.machine.telling import Histories, Line, Readings, Teller
from trainmon.view import Machine

_FULL = 0.95
"""Of a memory or of a power limit: from here on it stands out."""

_HOT = 87.0
"""Degrees C from which on data centre cards slow down or soon will."""

_SLOW = 0.8
"""Of its highest clock: below it a busy card is held back."""

_BUSY = 0.2
"""Utilisation below which a card is idle, and lowers its clock by itself."""

_WHOLE = 0.01
"""Cores by which a limit may differ from a number of cores and still be no limit."""

_HOLDERS = 4
"""Processes of a card that are named; a run has one, and others on the card are few."""

_HARMLESS: Final = frozenset({"app clocks", "display clocks", "sw power cap", "sync boost"})
"""Reasons for a lower clock that are a setting, or a matter of course under full load."""


def gpu_lines(
    gpu: str,
    now: Readings,
    lately: Histories,
    processes: Sequence[GpuProcess] = (),
    pids: Sequence[int] = (),
) -> Iterator[Line]:
    """Yield what is read of a card; `pids` are those of the run that is looked at."""
    prefix = f"{gpu}/"
    told = Teller(prefix, now, lately)
    low = _SLOW if now.get(f"{prefix}util", 1.0) >= _BUSY else -1.0
    yield from told.share_of("util", "util")
    yield from told.part("memory", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from told.part("power", "power", "power_limit", lambda watts: f"{watts:.0f} W")
    yield from told.plain("temp", "temp", lambda degrees: f"{degrees:.0f} °C", high=_HOT)
    yield from told.part("clock", "clock", "clock_max", _mhz, low=low)
    yield from told.part("mem clock", "mem_clock", "mem_clock_max", _mhz, low=low)
    yield from _throttling(f"{prefix}throttle/", now)
    yield from told.pair("PCIe in/out", "pcie_recv", "pcie_sent")
    yield from told.pair("NVLink", "nvlink_recv", "nvlink_sent")
    yield from _memory_errors(prefix, now)
    for at in range(_INSTANCES):
        part = Teller(f"{prefix}mig{at}/", now, lately)
        yield from part.part(f"MIG {at}", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from _holders(gpu, processes, pids)


_INSTANCES = 8
"""MIG instances that are looked for: a card has seven at most."""


def host_lines(now: Readings, lately: Histories, machine: Machine | None = None) -> Iterator[Line]:
    """Yield what is read of the host."""
    told = Teller("", now, lately)
    yield from told.share_of("CPU", "cpu")
    if machine and machine.cores:
        cores = np.frombuffer(machine.cores, np.uint8) / 100
        yield Line("each core", "", abreast=cores)
    yield from told.plain("load", "load", number)
    yield from told.part("memory", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from _limits(now)
    yield from told.plain("swap", "swap_used", bytes_)
    yield from told.share_of("I/O wait", "io_wait")
    for label, key in (
        *(("disk read", "disk_read"), ("disk write", "disk_write")),
        *(("received", "net_recv"), ("sent", "net_sent")),
    ):
        yield from told.plain(label, key, lambda rate: f"{bytes_(rate)}/s")
    if machine and machine.seconds:
        parts = (f"{what} {duration(seconds)}" for what, seconds in machine.seconds.items())
        yield Line("sampling", ", ".join(parts), ink=Ink.DIM)


def run_lines(pids: Sequence[int], now: Readings, lately: Histories) -> Iterator[Line]:
    """Yield what is read of the processes of a run, all of its ranks together."""
    every = {name: _sum(pids, name, now) for name in _OF_RANKS}
    told = Teller("", every, _Ranks(pids, lately))
    yield from told.part("CPU", "cores", "cores_allowed", lambda cores: f"{cores:.1f} cores")
    yield from told.plain("memory", "rss", bytes_)
    yield from _standstill(every)
    workers = every["workers"]
    if workers > 0:
        level = every["workers_cores"] / workers
        words = f"{workers:.0f}, {share(level)} busy" if isfinite(level) else f"{workers:.0f}"
        yield Line("workers", words, level, told.history("workers_cores") / workers)
        yield from told.plain("workers mem", "workers_rss", bytes_)
    yield from told.part("job memory", "mem_used", "mem_limit", bytes_, high=_FULL)


_OF_ALL = frozenset({"cores_allowed", "mem_used", "mem_limit"})
"""Readings of what the ranks share: they are those of the first."""

_OF_RANKS: Final = (
    *("cores", "rss", "workers", "workers_cores", "workers_rss"),
    *("stopped", "disk_wait", "faults"),
    *sorted(_OF_ALL),
)


def _standstill(every: Readings) -> Iterator[Line]:
    """Yield what holds the processes up, where anything does."""
    if every["stopped"] > 0:
        yield Line("state", "suspended", ink=Ink.WARNING)
    elif every["disk_wait"] > 0:
        yield Line("state", "waits for a disk", ink=Ink.WARNING)
    if every["faults"] >= _PAGES:
        yield Line("from disk", f"{every['faults']:,.0f} pages/s", ink=Ink.WARNING)


_PAGES = 50.0
"""Pages per second that had to come from a disk, from which on it stands out: work needs none."""


def _sum(pids: Sequence[int], name: str, now: Readings) -> float:
    """Return a reading of all ranks; NaN where none has it."""
    told = [now[key] for pid in pids if (key := f"run{pid}/{name}") in now]
    if not told:
        return nan
    return told[0] if name in _OF_ALL else sum(told)


@dataclass(frozen=True, slots=True)
class _Ranks:
    """The last values of all ranks of a run together."""

    pids: Sequence[int]
    lately: Histories

    def get(self, name: str) -> Floats | None:
        """Return the sum of a reading of the ranks, NaN where one is lacking."""
        pids = self.pids[:1] if name in _OF_ALL else self.pids
        every = [self.lately.get(f"run{pid}/{name}") for pid in pids]
        told = [values for values in every if values is not None and np.isfinite(values[-1:]).all()]
        return np.sum(told, axis=0) if told else None


def _throttling(prefix: str, now: Readings) -> Iterator[Line]:
    """Yield why the clock is lower than it might be."""
    reasons = [
        name.removeprefix(prefix).replace("_", " ")
        for name, value in now.items()
        if name.startswith(prefix) and value > 0
    ]
    if reasons:
        ink = Ink.STRONG if _HARMLESS.issuperset(reasons) else Ink.WARNING
        yield Line("throttled", ", ".join(reasons), ink=ink)


def _memory_errors(prefix: str, now: Readings) -> Iterator[Line]:
    """Yield the errors of the card's memory since its driver was loaded, if there were any."""
    counts = {kind: now.get(f"{prefix}ecc_{kind}", 0.0) for kind in ("uncorrected", "corrected")}
    told = [f"{count(int(n))} {kind}" for kind, n in counts.items() if isfinite(n) and n > 0]
    if told:
        ink = Ink.WARNING if counts["uncorrected"] > 0 else Ink.STRONG
        yield Line("ECC errors", ", ".join(told), ink=ink)


def _holders(gpu: str, processes: Sequence[GpuProcess], pids: Sequence[int]) -> Iterator[Line]:
    """Yield who holds memory of a card, the run that is looked at first, then the largest."""
    here = [each for each in processes if each.gpu.partition("/")[0] == gpu]
    here.sort(key=lambda each: (each.run not in pids, -(each.memory or 0.0)))
    for at, each in enumerate(here[:_HOLDERS]):
        held = "" if each.memory is None else f"  {bytes_(each.memory)}"
        whose = "  this run" if each.run in pids else ""
        words = f"{each.name or 'pid'} {each.pid}{held}{whose}"
        yield Line("" if at else "held by", words, ink=Ink.STRONG if whose else Ink.TEXT)
    if len(here) > _HOLDERS:
        yield Line("", f"and {len(here) - _HOLDERS} more", ink=Ink.DIM)


def _limits(now: Readings) -> Iterator[Line]:
    """Yield what a container, a batch system or an affinity leaves of the host, if it limits."""
    told = []
    cores, there = now.get("cores", nan), now.get("cores_total", nan)
    if there - cores > _WHOLE:
        told.append(f"{number(cores)} of {number(there)} cores")
    memory, host = now.get("mem_total", nan), now.get("mem_host", nan)
    if memory < host:
        told.append(f"{bytes_(memory)} of {bytes_(host)}")
    if told:
        yield Line("limited to", ", ".join(told))


def _mhz(clock: float) -> str:
    return f"{clock:,.0f} MHz"
