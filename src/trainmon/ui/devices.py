"""The devices of a machine, each with what is read of it: now, and as it went lately."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np

from trainmon.hardware.readings import gpus_in
from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import bytes_, share
from trainmon.ui.scene import Scene
from trainmon.view import Machine

_SPACE = "sys/"

_FULL = 0.95
"""Of a memory or of a power limit: from here on it stands out."""

_HOT = 87.0
"""Degrees C from which on data centre cards slow down or soon will."""

_SLOW = 0.8
"""Of its highest clock: below it a busy card is held back."""

_NONE: Floats = np.empty(0)

Readings = Mapping[str, float]
Histories = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Line:
    """One reading: in words, as a part of its limit from 0 to 1, and its last values."""

    label: str
    words: str
    level: float = nan
    """NaN where there is no limit to it."""
    history: Floats = field(default_factory=lambda: _NONE)
    ink: Ink = Ink.STRONG


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU, or the host."""

    label: str
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the machine of a run, and from where."""

    devices: tuple[Device, ...] = ()
    notes: tuple[str, ...] = ()
    where: str = ""


def told_devices(scene: Scene) -> Told:
    """Return the devices of the machine that the run of a scene is on.

    This machine is shown only for a run on this machine: the GPU of a laptop says nothing of a
    run in a cluster.
    """
    machine, run = scene.view.machine, scene.run
    if machine and (run is None or run.local):
        lately = scene.machines or (machine,)
        devices = _devices(machine.readings, _lately(lately), machine.names)
        return Told(devices, machine.notes, "live")
    if run is None:
        return Told()
    logged = {}
    for name in run.context.names(Role.SYSTEM):
        samples = run.lead.samples(name)
        if len(samples):
            logged[name.removeprefix(_SPACE)] = samples.values
    now = {name: float(values[-1]) for name, values in logged.items()}
    return Told(_devices(now, logged, {}), (), "as logged" if logged else "")


def _lately(machines: Sequence[Machine]) -> Histories:
    """Return the readings of some samples by name; NaN where one lacks it."""
    names = dict.fromkeys(name for machine in machines for name in machine.readings)
    return {
        name: np.array([machine.readings.get(name, nan) for machine in machines]) for name in names
    }


def _devices(now: Readings, lately: Histories, names: Mapping[str, str]) -> tuple[Device, ...]:
    found = []
    metrics = gpus_in(tuple(f"{_SPACE}{name}" for name in now))
    for gpu in sorted(metrics, key=lambda gpu: int(gpu.removeprefix("gpu"))):
        lines = tuple(_gpu(f"{gpu}/", now, lately))
        found.append(Device(gpu.upper().replace("GPU", "GPU "), names.get(gpu, ""), lines))
    host = tuple(_host(now, lately))
    return (*found, Device("host", "", host)) if host else tuple(found)


def _gpu(prefix: str, now: Readings, lately: Histories) -> Iterator[Line]:
    """Yield what is read of a card."""
    told = _Teller(prefix, now, lately)
    yield from told.share_of("util", "util")
    yield from told.part("memory", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from told.part("power", "power", "power_limit", lambda watts: f"{watts:.0f} W")
    yield from told.plain("temp", "temp", lambda degrees: f"{degrees:.0f} °C", high=_HOT)
    yield from told.part("clock", "clock", "clock_max", lambda mhz: f"{mhz:,.0f} MHz", low=_SLOW)
    reasons = [
        name.removeprefix(f"{prefix}throttle/").replace("_", " ")
        for name, value in now.items()
        if name.startswith(f"{prefix}throttle/") and value > 0
    ]
    if reasons:
        yield Line("throttled", ", ".join(reasons), ink=Ink.WARNING)


def _host(now: Readings, lately: Histories) -> Iterator[Line]:
    """Yield what is read of the host."""
    told = _Teller("", now, lately)
    yield from told.share_of("CPU", "cpu")
    yield from told.part("memory", "mem_used", "mem_total", bytes_, high=_FULL)
    yield from told.plain("swap", "swap_used", bytes_)
    yield from told.plain("of the run", "rss", bytes_)
    yield from told.share_of("I/O wait", "io_wait")
    for label, key in (
        *(("disk read", "disk_read"), ("disk write", "disk_write")),
        *(("received", "net_recv"), ("sent", "net_sent")),
    ):
        yield from told.plain(label, key, lambda rate: f"{bytes_(rate)}/s")


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
            yield Line(label, share(level), level, self._history(key))

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
            yield Line(label, words(value), history=self._history(key))
            return
        level = value / most
        told, of = words(value), words(most)
        told = told.removesuffix(f" {of.split()[-1]}")
        ink = Ink.WARNING if level >= high or level < low else Ink.STRONG
        yield Line(label, f"{told} of {of}", level, self._history(key), ink)

    def plain(
        self, label: str, key: str, words: Callable[[float], str], *, high: float = np.inf
    ) -> Iterator[Line]:
        """Yield a reading without a limit."""
        value = self._value(key)
        if value is not None:
            ink = Ink.WARNING if value >= high else Ink.STRONG
            yield Line(label, words(value), history=self._history(key), ink=ink)

    def _value(self, key: str) -> float | None:
        value = self.now.get(f"{self.prefix}{key}", nan)
        return value if np.isfinite(value) else None

    def _history(self, key: str) -> Floats:
        history = self.lately.get(f"{self.prefix}{key}", _NONE)
        return history[np.isfinite(history)]
