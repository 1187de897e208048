"""The state of the machine right now, read by a thread that training does not wait for."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Thread
from typing import Protocol

_CPU_INTERVAL = 0.1
"""Seconds over which the load of the CPU is measured: it is a mean by nature, the kernel counts it
in hundredths of a second, and the workers that were late are still catching up that long."""

_OF_GPU = frozenset({"util", "mem_used", "mem_total"})
_OF_HOST = frozenset({"cpu", "mem_used", "mem_total"})
"""Readings that tell why a batch is late; the others are for `trainmon watch`."""

Readings = dict[str, object]


class Probe(Protocol):
    """Reads something of the machine, by name."""

    def sample(self) -> Mapping[str, float]:
        """Return the readings of now."""


def host_probe() -> Probe:
    """Return a probe of this host; the interval of its first sample begins with this call."""
    from trainmon.probes.host import HostProbe  # noqa: PLC0415 - psutil, for runs with spikes alone

    return HostProbe()


def gpu_probe() -> Probe:
    """Return a probe of the GPUs; its first sample loads the driver's library in 100 ms."""
    from trainmon.probes.nvml import NvmlProbe  # noqa: PLC0415 - as above

    return NvmlProbe(brief=True)


def in_background(work: Callable[[], None]) -> None:
    """Run `work` in a thread of its own; starting it takes 50 to 100 us."""
    Thread(target=work, name="trainmon-machine", daemon=True).start()


class Machine:
    """Reads the machine when asked, one reading at a time.

    `ask` and `busy` belong to the training thread; the probes to the threads that it starts, of
    which there is never more than one. No probe is loaded before the first question.
    """

    __slots__ = ("_gpu", "_make_gpu", "_make_host", "_pause", "_run", "busy")

    def __init__(
        self,
        make_host: Callable[[], Probe] = host_probe,
        make_gpu: Callable[[], Probe] = gpu_probe,
        run: Callable[[Callable[[], None]], None] = in_background,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self.busy = False
        """Whether a reading is on its way."""
        self._gpu: Probe | None = None
        self._make_host = make_host
        self._make_gpu = make_gpu
        self._run = run
        self._pause = pause

    def ask(self, answer: Callable[[Readings], None]) -> None:
        """Give the readings to `answer`, which another thread calls, a good 100 ms from now."""

        def read() -> None:
            readings: Readings = {}
            with suppress(Exception):  # what could be read until then is told
                self._read(readings)
            answer(readings)
            self.busy = False

        self.busy = True
        self._run(read)

    def _read(self, readings: Readings) -> None:
        host = self._make_host()
        if self._gpu is None:
            self._gpu = self._make_gpu()
        # The GPU comes first: its utilisation is a mean over the last moments, the CPU's over the
        # next.
        gpus: dict[str, dict[str, float]] = {}
        for name, value in self._gpu.sample().items():
            gpu, _, what = name.partition("/")
            if what in _OF_GPU:
                gpus.setdefault(gpu, {})[what] = value
        if gpus:
            readings["gpu"] = gpus
        self._pause(_CPU_INTERVAL)
        readings |= {name: value for name, value in host.sample().items() if name in _OF_HOST}
