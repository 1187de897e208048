"""What a machine reads of one run, by the names that a log has for it."""

from collections.abc import Collection, Iterator, Mapping
from math import isfinite
from typing import Final

from trainmon.record import CONSTANT_READINGS

_SPACE = "sys/"

_OF_CARD: Final = frozenset(
    {
        *("util", "mem_used", "mem_total", "mem_reserved"),
        *("power", "power_limit", "temp", "clock", "clock_max"),
        *("throttle/sw_power_cap", "throttle/sw_thermal"),
        *("throttle/hw_slowdown", "throttle/hw_thermal", "throttle/hw_power_brake"),
    }
)
"""Readings of a card that tell how it does; settings, links and counts of errors are left out."""

_OF_HOST: Final = frozenset(
    {
        *("cpu", "io_wait", "mem_used", "mem_total", "swap_used"),
        *("disk_read", "disk_write", "net_sent", "net_recv"),
    }
)

_OF_PROCESS: Final = {
    "rss": "rss",
    **{
        name: f"process/{name}"
        for name in (
            *("cores", "workers", "workers_cores", "workers_rss"),
            *("disk_wait", "stopped", "faults"),
        )
    },
}


def as_logged(
    readings: Mapping[str, float], pid: int, gpus: Collection[str], *, host: bool = True
) -> dict[str, float]:
    """Return the readings of a process, of its GPUs and, if asked for, of the host, by log names.

    `readings` are those of the probes, `gpus` as they name them. The memory of the host is told in
    any case, as what a process may take. Of an instance of a partitioned card it is the memory of
    that instance.

    >>> readings = {"gpu1/util": 0.9, "gpu2/util": 0.1, "cpu": 0.5, "run7/rss": 1e9}
    >>> as_logged(readings, 7, ["gpu1"], host=False)
    {'sys/gpu1/util': 0.9, 'sys/rss': 1000000000.0}
    """
    told = dict(_told(readings, pid, gpus, host=host))
    return {f"{_SPACE}{name}": value for name, value in told.items() if isfinite(value)}


def _told(
    readings: Mapping[str, float], pid: int, gpus: Collection[str], *, host: bool
) -> Iterator[tuple[str, float]]:
    cards = {gpu.partition("/")[0]: gpu for gpu in gpus}
    of_host = _OF_HOST if host else _OF_HOST & CONSTANT_READINGS
    for name, value in readings.items():
        device, _, what = name.partition("/")
        if name in of_host or (device in cards and what in _OF_CARD):
            yield name, value
        elif device == f"run{pid}" and what in _OF_PROCESS:
            yield _OF_PROCESS[what], value
    for card, gpu in cards.items():
        for what in ("mem_used", "mem_total"):
            if gpu != card and f"{gpu}/{what}" in readings:
                yield f"{card}/{what}", readings[f"{gpu}/{what}"]
