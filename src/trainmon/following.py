"""The thread that loops over `Monitor.step`, and the sampling of this machine beside it."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from trainmon.decisions import Recorder
from trainmon.given import Given
from trainmon.latest import Latest
from trainmon.monitor import CHUNK_WITH_SCREEN, Monitor
from trainmon.probes.process import process_of
from trainmon.tail import Wake
from trainmon.text import clean
from trainmon.view import Machine, View

_SAMPLE_SECONDS = 1.0
"""Time between two samples of the machine, as often as people can read them."""

_PROBE_DELAY = 0.3
"""Seconds before the first sample: loading the bindings would hold up the first curves."""

_PROCESSES_SAMPLED = 32
"""Processes of runs on this machine that are sampled, those of the newest run first: two for each
of its GPUs."""

_BREATH_SECONDS = 0.001
"""Rest between two chunks of a backlog. Without one the interpreter lets the screen in only every
5 ms, and keys wait; with it, catching up takes a fifth longer."""

_FIRST_REST_SECONDS = 0.25
"""Rest after the first view of a run: it is drawn before the rules are loaded, which takes as
long."""

REST_SECONDS = 0.2
"""Rest after a view of a live log: the screen shows five a second, and reading and judging four
records at once costs what one does. What comes after a pause is not delayed."""

_LISTEN_SECONDS = 1.0
"""Time between two looks at which folders are to be listened to; polling carries until then."""

_LONGEST_SLEEP = 0.5
"""Seconds after which the loop looks at the clock in any case, for samples and for its end."""


class Probe(Protocol):
    """Samples a part of the machine."""

    def sample(self, pids: Collection[int]) -> Machine:
        """Return what it reads now, also of these processes; raise nothing."""


class Following:
    """Follows paths in a thread of its own and posts every new view.

    `post` is called in that thread and must return at once. Sampling has its own thread, since a
    call into a driver may hang, and hands over the latest result alone. Views that nobody would
    draw are not made: after each of a live log it rests for `rest` seconds.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        post: Callable[[View], None],
        *,
        given: Given | None = None,
        recorder: Recorder | None = None,
        probe: Probe | None = None,
        wake: Wake | None = None,
        rules_later: bool = False,
        rest: float = REST_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rest = rest
        self._monitor = Monitor(
            paths,
            given=given,
            process=process_of,
            live=True,
            rules_later=rules_later,
            chunk=CHUNK_WITH_SCREEN,
            recorder=recorder,
        )
        self._rules_later = rules_later
        self._post = post
        self._probe = probe
        self._clock = clock
        self._samples = Latest[Machine]()
        self._stopping = Event()
        self._wake = wake or Wake()
        self._threads = [Thread(target=self._follow, name="trainmon-monitor", daemon=True)]
        if probe:
            self._threads.append(Thread(target=self._sample, name="trainmon-probe", daemon=True))

    @property
    def running(self) -> bool:
        """Whether views may still come."""
        return self._threads[0].is_alive()

    def start(self) -> None:
        """Begin; `stop` ends it."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the following and wait for its thread; a probe that hangs is left behind."""
        self._stopping.set()
        self._wake.ring()
        self._threads[0].join(timeout=2.0)

    def _follow(self) -> None:
        monitor, view = self._monitor, None
        listened = float("-inf")
        with self._wake:
            while not self._stopping.is_set():
                now = self._clock()
                try:
                    more = monitor.step(now, machine=self._samples.take())
                except Exception as error:  # noqa: BLE001 - the screen must not just stand still
                    what = clean(f"the monitor stopped, please report it: {error!r}")
                    self._post(replace(monitor.view, notices=(what,), failures=(what,)))
                    return
                if monitor.view is not view:
                    first = self._rules_later and monitor.view.runs and not (view and view.runs)
                    view = monitor.view
                    self._post(view)
                    rest = _BREATH_SECONDS if more else self._rest
                    self._stopping.wait(_FIRST_REST_SECONDS if first else rest)
                if more:
                    continue
                if not 0 <= now - listened < _LISTEN_SECONDS:
                    listened = now
                    self._wake.watch(monitor.folders, monitor.steady_folders)
                monitor.tell(self._wake.take_notices())
                sleep = min(monitor.next_due(now) - self._clock(), _LONGEST_SLEEP)
                monitor.wake(tuple(self._wake.wait(sleep)), self._clock())

    def _sample(self) -> None:
        self._stopping.wait(_PROBE_DELAY)
        while self._probe and not self._stopping.is_set():
            pids = [pid for run in self._monitor.view.runs for pid in run.pids]
            self._samples.put(self._probe.sample(pids[:_PROCESSES_SAMPLED]))
            self._stopping.wait(_SAMPLE_SECONDS)
