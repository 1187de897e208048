"""The thread of a training process that writes what its machine does into the log."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Protocol, TypeVar

T = TypeVar("T")

_END_PATIENCE = 1.0
"""Seconds that the end of a writer waits for a line that is being written: a disk may be stuck."""


class Machine(Protocol):
    """Reads the machine of this process."""

    @property
    def trouble(self) -> str:
        """What hangs, in words; empty while nothing does."""

    def sample(self) -> Mapping[str, float]:
        """Return the readings of now by the names of the log."""


class Sampler:
    """Samples every so many seconds until it is stopped, and raises nothing into the training.

    `make` loads the probes, and `write` and `tell` get the readings and words about what hangs, all
    three in this thread; they return whether there is still a writer. A forked child has no such
    thread, and its writer none to stop.
    """

    def __init__(
        self,
        seconds: float,
        *,
        make: Callable[[], Machine],
        write: Callable[[Mapping[str, float]], bool],
        tell: Callable[[str], bool],
        rest: Callable[[float], bool] | None = None,
    ) -> None:
        self._seconds = seconds
        self._make = make
        self._write = write
        self._tell = tell
        self._owner = os.getpid()
        self._stopped = Event()
        self._writing = Lock()
        self._rest = rest or self._stopped.wait
        self._hung = False

    def start(self) -> None:
        """Begin, unless the system allows no more threads."""
        with suppress(RuntimeError):
            Thread(target=self.run, name="trainmon-sampler", daemon=True).start()

    def stop(self) -> None:
        """Write nothing any more from now on; a driver that hangs is not waited for."""
        if os.getpid() != self._owner:
            return
        self._stopped.set()
        if self._writing.acquire(timeout=_END_PATIENCE):
            self._writing.release()

    def run(self) -> None:
        """Sample until the end, in whichever thread this is."""
        try:
            machine = self._make()
        except Exception as error:  # noqa: BLE001 - the training goes on without its machine
            self._put(self._tell, f"the machine cannot be sampled: {error!r}")
            return
        going = True
        while going:
            with suppress(Exception):  # whatever it is, the next sample may work
                going = self._sampled(machine)
            going = going and not self._rest(self._seconds)

    def _sampled(self, machine: Machine) -> bool:
        """Write one sample; return whether to go on."""
        readings = machine.sample()
        going = self._put(self._write, readings) if readings else True
        hung, self._hung = self._hung, bool(machine.trouble)
        if self._hung and not hung:
            going = self._put(self._tell, machine.trouble)
        return going

    def _put(self, put: Callable[[T], bool], what: T) -> bool:
        """Hand something to the writer, unless that has ended; return whether it is still there."""
        with self._writing:
            return not self._stopped.is_set() and put(what)
