"""What a process does that logs nothing any more: what holds it up, as far as probes tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, nan
from statistics import mean, median
from typing import Any

import numpy as np

from trainmon.hardware.readings import gpus_in
from trainmon.rule import known
from trainmon.store.lane import Lane

_LATEST = 8
"""Readings that are looked at, the newest since the silence began: one may hit any moment."""

_BEFORE = 64
"""Readings before it that tell what is usual."""

_PAGES = 50.0
"""Pages per second from a disk: a process at work has next to none."""

_SWAPPED = 2.0**30
"""Bytes of the host in swap from which on pages come from there, and not from files."""

_NEARLY_ALL = 0.9
"""Of the host's memory: from here on the kernel takes pages of programs too."""

_SPINS = 0.9
"""Of the time in use: kernels that wait for another rank never pause."""

_LITTLE_POWER = 0.4
"""Of the power limit: waiting kernels draw a fifth or so, those that compute half of it and up."""

_LESS_POWER = 0.7
"""Of what the card drew at work before."""

_HALF = 0.5
"""Of the readings, or of a core."""


class Doing(StrEnum):
    """What a silent process does."""

    SUSPENDED = "suspended"
    SWAPPING = "swapping"
    DISK = "disk"
    COLLECTIVE = "collective"
    """Its GPU is in use all the time and draws little: as kernels do that wait for a rank."""
    GPU = "gpu"
    CPU = "cpu"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Standstill:
    """What a silent process does, in words and numbers."""

    doing: Doing
    words: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Readings:
    """The readings of a lane, before and since a row."""

    lane: Lane
    since: int
    stop: int

    def now(self, name: str | None) -> list[float]:
        """Return the newest values since the row, and if there is none there the last before."""
        every = self.lane.samples(name)
        begin, end = every.positions(self.since, self.stop)
        begin = max(begin, end - _LATEST)
        return _finite(every.values[min(begin, max(0, end - 1)) : end])

    def usual(self, name: str | None) -> float:
        """Return the median before the row; NaN where nothing was told."""
        every = self.lane.samples(name)
        (end,) = every.positions(self.since)
        values = _finite(every.values[max(0, end - _BEFORE) : end])
        return median(values) if values else nan

    def level(self, name: str | None) -> float:
        """Return the mean of the newest values; NaN where nothing is told."""
        values = self.now(name)
        return mean(values) if values else nan


def standstill(lane: Lane, names: Sequence[str], since: int, stop: int) -> Standstill | None:
    """Return what a process does by the readings of a lane from row `since` up to `stop`.

    `names` are the metrics of the machine. None where nothing of it is told.
    """
    read = _Readings(lane, since, stop)
    card = _card(read, names)
    host = {name: read.level(f"sys/{name}") for name in ("swap_used", "mem_used", "mem_total")}
    own = {n: read.level(f"sys/process/{n}") for n in ("cores", "disk_wait", "faults", "stopped")}
    evidence = {**own, "swap_used": host["swap_used"], **card}
    if not any(isfinite(evidence[name]) for name in ("cores", "disk_wait", "gpu_util")):
        return None
    doing = _doing(evidence, nearly_full=host["mem_used"] > _NEARLY_ALL * host["mem_total"])
    return Standstill(doing, _words(doing, evidence), known({"doing": doing.value, **evidence}))


def _doing(evidence: Mapping[str, float], *, nearly_full: bool) -> Doing:
    if evidence["stopped"] >= _HALF:
        return Doing.SUSPENDED
    pages = evidence["faults"] >= _PAGES
    if pages and (evidence["swap_used"] >= _SWAPPED or nearly_full):
        return Doing.SWAPPING
    if pages or evidence["disk_wait"] >= _HALF:
        return Doing.DISK
    if evidence["gpu_util"] >= _SPINS:
        return Doing.COLLECTIVE if _draws_little(evidence) else Doing.GPU
    if evidence["cores"] >= _HALF:
        return Doing.CPU
    return Doing.GPU if evidence["gpu_util"] >= _HALF else Doing.IDLE


def _draws_little(evidence: Mapping[str, float]) -> bool:
    """Return whether a card draws less than its limit, and than it did at work, would suggest."""
    share, before = evidence["power_share"], evidence["power_before"]
    little = share < _LITTLE_POWER
    return little if not isfinite(before) else little and share < _LESS_POWER * before


def _card(read: _Readings, names: Sequence[str]) -> dict[str, float]:
    """Return how busy the busiest card of the process is, and the share of its power it draws."""
    told = {"gpu_util": nan, "power_share": nan, "power_before": nan}
    for metrics in gpus_in(tuple(names)).values():
        util = read.level(metrics.get("util"))
        if isfinite(util) and not told["gpu_util"] >= util:
            limit = read.level(metrics.get("power_limit"))
            told = {
                "gpu_util": util,
                "power_share": read.level(metrics.get("power")) / (limit or nan),
                "power_before": read.usual(metrics.get("power")) / (limit or nan),
            }
    return told


def _words(doing: Doing, evidence: Mapping[str, float]) -> str:
    util, power = evidence["gpu_util"], evidence["power_share"]
    return {
        Doing.SUSPENDED: "it is suspended",
        Doing.SWAPPING: f"it swaps, {evidence['faults']:.0f} pages a second",
        Doing.DISK: "it waits for a disk",
        Doing.COLLECTIVE: (
            f"its GPU is in use {util:.0%} at {power:.0%} of its power, as in a collective that "
            "waits for a rank"
        ),
        Doing.GPU: f"its GPU is in use {util:.0%}",
        Doing.CPU: f"it is busy on {evidence['cores']:.1f} cores",
        Doing.IDLE: "it is idle",
    }[doing]


def _finite(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [value for value in values.tolist() if isfinite(value)]
