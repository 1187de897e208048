"""A probe in a thread of its own: a call into a driver that never returns holds up nobody."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Thread
from typing import Protocol

from trainmon.probes.sample import Sample

_HANGS_AFTER = 3.0
"""Seconds without an answer from which on the last one is not shown any more, but that none comes:
drivers under load take up to one."""


class Probe(Protocol):
    """Reads a part of the machine."""

    @property
    def asking(self) -> str:
        """What it is asking right now, in words; empty if it does not say."""

    def read(self) -> Sample:
        """Return what it reads now."""


def in_background(work: Callable[[], None]) -> None:
    """Run `work` in a thread of its own, which the end of the program does not wait for."""
    Thread(target=work, name="trainmon-driver", daemon=True).start()


class Aside:
    """Asks a probe, one question at a time, and gives its last answer.

    `ask` and `answer` belong to one thread; the probe belongs to the threads that `start` makes, of
    which there is never more than one. `clock` is in seconds.
    """

    def __init__(
        self,
        what: str,
        probe: Probe,
        *,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = in_background,
    ) -> None:
        self.what = what
        """What the probe reads, in words: "GPU"."""
        self._probe = probe
        self._clock = clock
        self._start = start
        self._answer = Sample()
        self._asked: float | None = None
        self._fresh = False
        self._answered = Event()

    def ask(self) -> None:
        """Let the probe read, unless it has not answered yet."""
        self._fresh = self._asked is None
        if self._fresh:
            self._asked = self._clock()
            self._answered.clear()
            try:
                self._start(self._read)
            except RuntimeError as error:  # the system, or a container, allows no more threads
                self._tell(Sample(notes=(f"{self.what} probe cannot begin: {error}",)))

    def answer(self, patience: float) -> Sample:
        """Return the last answer, waiting so many seconds for it where it was asked for just now.

        A probe that hangs has one line that says since when, and no readings.
        """
        if self._fresh:
            self._answered.wait(patience)
        asked = self._asked
        if asked is None:
            return self._answer
        seconds = self._clock() - asked
        if seconds < _HANGS_AFTER:
            return self._answer
        at = f", at {self._probe.asking}" if self._probe.asking else ""
        return Sample(notes=(f"{self.what} probe hangs since {seconds:.0f} s{at}",))

    def _read(self) -> None:
        """Read, in whichever thread this is."""
        asked = self._asked or 0.0
        try:
            sample = self._probe.read()
        except Exception as error:  # noqa: BLE001 - the other probes must go on, whatever it is
            sample = Sample(notes=(f"{self.what} probe failed, please report it: {error!r}",))
        self._tell(replace(sample, seconds=self._clock() - asked))

    def _tell(self, sample: Sample) -> None:
        self._answer, self._asked = sample, None
        self._answered.set()
