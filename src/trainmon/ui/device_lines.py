"""The lines of a device: what is read of a GPU, of the host, of a run's processes, in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Final, Protocol

import numpy as np

from trainmon.probes.sample import GpuProcess
from trainmon.store.batch import Floats
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, count, duration, number, share
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

NO_VALUES: Floats = np.empty(0)

Readings = Mapping[str, float]


class Histories(Protocol):
    """The last values of readings."""

    def get(self, name: str) -> Floats | None:
        """Return those of one reading, the newest last, NaN where it was lacking."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reading: in words, as a part of its limit from 0 to 1, and its last values."""

    label: str
    words: str
    level: float = nan
    """NaN where there is no limit to it."""
    history: Floats = field(default_factory=lambda: NO_VALUES)
    ink: Ink = Ink.STRONG
    abreast: Floats = field(default_factory=lambda: NO_VALUES)
    """Shares of several equal parts, drawn side by side in place of all else."""


def gpu_lines(
    gpu: str,
    now: Readings,
    lately: Histories,
    processes: Sequence[GpuProcess] = (),
    pid: int | None = None,
) -> Iterator[Line]:
    """Yield what is read of a card; `pid` is that of the run that is looked at."""
    prefix = f"{gpu}/"
    told = _Teller(prefix, now, lately)
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
        part = _Teller(f"{prefix}mig{at}/", now, lately)
        yield from part.part(f"MIG {at}", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from _holders(gpu, processes, pid)


_INSTANCES = 8
"""MIG instances that are looked for: a card has seven at most."""


def host_lines(now: Readings, lately: Histories, machine: Machine | None = None) -> Iterator[Line]:
    """Yield what is read of the host."""
    told = _Teller("", now, lately)
    yield from told.share_of("CPU", "cpu")
    if machine and machine.cores:
        cores = np.frombuffer(machine.cores, np.uint8) / 100
        yield Line("each core", "", abreast=cores)
    yield from told.plain("load", "load", number)
    yield from told.part("memory", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from _limits(now)
    yield from told.plain("swap", "swap_used", bytes_)
    yield from told.plain("of the run", "rss", bytes_)
    yield from told.share_of("I/O wait", "io_wait")
    for label, key in (
        *(("disk read", "disk_read"), ("disk write", "disk_write")),
        *(("received", "net_recv"), ("sent", "net_sent")),
    ):
        yield from told.plain(label, key, lambda rate: f"{bytes_(rate)}/s")
    if machine and machine.seconds:
        parts = (f"{what} {duration(seconds)}" for what, seconds in machine.seconds.items())
        yield Line("sampling", ", ".join(parts), ink=Ink.DIM)


def run_lines(pid: int, now: Readings, lately: Histories) -> Iterator[Line]:
    """Yield what is read of the processes of a run."""
    told = _Teller(f"run{pid}/", now, lately)
    yield from told.part("CPU", "cores", "cores_allowed", lambda cores: f"{cores:.1f} cores")
    yield from told.plain("memory", "rss", bytes_)
    workers = now.get(f"run{pid}/workers", 0.0)
    if workers:
        busy = now.get(f"run{pid}/workers_cores", nan)
        level = busy / workers
        words = f"{workers:.0f}, {share(level)} busy" if isfinite(level) else f"{workers:.0f}"
        yield Line("workers", words, level, told.history("workers_cores") / workers)
        yield from told.plain("workers mem", "workers_rss", bytes_)
    yield from told.part("job memory", "mem_used", "mem_limit", bytes_, high=_FULL)


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


def _holders(gpu: str, processes: Sequence[GpuProcess], pid: int | None) -> Iterator[Line]:
    """Yield who holds memory of a card, the run that is looked at first, then the largest."""
    here = [each for each in processes if each.gpu.partition("/")[0] == gpu]
    here.sort(key=lambda each: (each.run is None or each.run != pid, -(each.memory or 0.0)))
    for at, each in enumerate(here[:_HOLDERS]):
        held = "" if each.memory is None else f"  {bytes_(each.memory)}"
        whose = "  this run" if each.run is not None and each.run == pid else ""
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


@dataclass(frozen=True, slots=True)
class _Teller:
    """Puts the readings of one device into words."""

    prefix: str
    now: Readings
    lately: Histories

    def share_of(self, label: str, key: str) -> Iterator[Line]:
        """Yield a reading that is a share; some logs tell it in percent."""
        value = self._value(key)
        if value is not None:
            level = value / 100 if value > 1.5 else value  # noqa: PLR2004 - a share is 1 at most
            yield Line(label, share(level), level, self.history(key))

    def part(
        self,
        label: str,
        key: str,
        limit: str,
        words: Callable[[float], str],
        *,
        high: float = 2.0,
        low: float = -1.0,
    ) -> Iterator[Line]:
        """Yield a reading that has a limit; it stands out from `high` on, and below `low`."""
        value, most = self._value(key), self._value(limit)
        if value is None:
            return
        if not most:
            yield Line(label, words(value), history=self.history(key))
            return
        level = value / most
        told, of = words(value), words(most)
        told = told.removesuffix(f" {of.split()[-1]}")
        ink = Ink.WARNING if level >= high or level < low else Ink.STRONG
        yield Line(label, f"{told} of {of}", level, self.history(key), ink)

    def plain(
        self, label: str, key: str, words: Callable[[float], str], *, high: float = np.inf
    ) -> Iterator[Line]:
        """Yield a reading without a limit."""
        value = self._value(key)
        if value is not None:
            ink = Ink.WARNING if value >= high else Ink.STRONG
            yield Line(label, words(value), history=self.history(key), ink=ink)

    def pair(self, label: str, first: str, second: str) -> Iterator[Line]:
        """Yield two rates in bytes per second as one reading, whose course is their sum."""
        one, other = self._value(first), self._value(second)
        if one is None or other is None:
            return
        words = f"{bytes_(one)} / {bytes_(other)}/s"
        before, after = (self.lately.get(f"{self.prefix}{key}") for key in (first, second))
        total = NO_VALUES if before is None or after is None else before + after
        yield Line(label, words, history=total[np.isfinite(total)])

    def history(self, key: str) -> Floats:
        """Return the last values that are there of a reading."""
        history = self.lately.get(f"{self.prefix}{key}")
        return NO_VALUES if history is None else history[np.isfinite(history)]

    def _value(self, key: str) -> float | None:
        value = self.now.get(f"{self.prefix}{key}", nan)
        return value if isfinite(value) else None
