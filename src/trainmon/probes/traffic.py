"""Bytes per second that go to and from the disks and the network of this host."""

import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import psutil

from trainmon.probes.rates import Rates

_DEVICES = Path("/sys/class/net")
_LOOPBACK = "lo"

Totals = dict[str, float]
"""Bytes since the start by name."""


def read_totals() -> Totals:
    """Return what the system has counted; what it does not count is left out."""
    totals: Totals = {}
    # Counters that began anew are known by `Rates`; psutil's own way takes a lock, which a process
    # that is forked meanwhile would never see released.
    disks = psutil.disk_io_counters(nowrap=False)
    if disks:
        totals |= {"disk_read": float(disks.read_bytes), "disk_write": float(disks.write_bytes)}
    every = psutil.net_io_counters(pernic=True, nowrap=False)
    leading_out = outer(every)
    ours = [counted for name, counted in every.items() if name in leading_out]
    if ours:
        totals["net_sent"] = float(sum(counted.bytes_sent for counted in ours))
        totals["net_recv"] = float(sum(counted.bytes_recv for counted in ours))
    return totals


def outer(names: Collection[str], devices: Path = _DEVICES) -> frozenset[str]:
    """Return the network interfaces that lead out of this host: those with a device behind them.

    Bridges and their ends count the same bytes again. Where none has a device, as in a container,
    it is all but the loopback.
    """
    real = frozenset(name for name in names if (devices / name / "device").exists())
    return real or frozenset(name for name in names if name != _LOOPBACK)


class Traffic:
    """Turns what was counted into rates. Owned by the thread that samples."""

    def __init__(
        self,
        read: Callable[[], Totals] = read_totals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._rates = Rates(clock)

    def sample(self) -> dict[str, float]:
        """Return bytes per second by name; none at first."""
        return dict(self._grown())

    def _grown(self) -> Iterator[tuple[str, float]]:
        for name, total in self._read().items():
            rate = self._rates.rate(name, total)
            if rate is not None:
                yield name, rate
