"""Begins to sample the machine for a writer, whose life the thread does not prolong."""

import os
from collections.abc import Callable, Mapping
from weakref import ref

from trainmon.errors import WriterError
from trainmon.record import EventKind
from trainmon.writer.journal import Journal
from trainmon.writer.sampling.place import place_of
from trainmon.writer.sampling.sampler import Machine, Sampler

LEAST_SECONDS = 0.1
"""Between two samples: drivers tell nothing new more often."""

MOST_SECONDS = 86_400.0
"""Between two samples, a day: systems do not wait for any time, and a year is a mistake."""


def begin_sampling(
    journal: Journal, seconds: float, make: Callable[[], Machine] | None = None
) -> Sampler:
    """Return what samples the machine of this process into its log, begun already.

    `make` gives the probes, and is called in the sampler's own thread: loading them takes 30 ms.
    """
    place = place_of(os.environ, journal.rank, journal.world_size)
    writer = ref(journal)

    def own_machine() -> Machine:
        from trainmon.writer.sampling.own_machine import OwnMachine  # noqa: PLC0415 - psutil

        return OwnMachine(place)

    def write(readings: Mapping[str, float]) -> bool:
        journal = writer()
        if journal is not None:
            journal.alone(readings)
        return journal is not None

    def tell(words: str) -> bool:
        journal = writer()
        if journal is not None:
            journal.event(EventKind.NOTE, step=journal.step, kind="probe", text=words)
        return journal is not None

    sampler = Sampler(seconds, make=make or own_machine, write=write, tell=tell)
    sampler.start()
    return sampler


def interval(system_metrics: object) -> float | None:
    """Return the seconds between two samples that a script asks for; None for no samples.

    ``True`` stands for one second. Raises `WriterError` where it makes no sense.

    >>> interval(True), interval(0), interval(5)
    (1.0, None, 5.0)
    """
    if not isinstance(system_metrics, (int, float)):
        raise WriterError(f"system_metrics is {system_metrics!r}", hint=_HINT)
    if system_metrics == 0:
        return None
    if not LEAST_SECONDS <= system_metrics <= MOST_SECONDS:
        raise WriterError(f"system_metrics is {system_metrics}", hint=_HINT)
    return float(system_metrics)


_HINT = f"give the seconds between two samples, {LEAST_SECONDS} to {MOST_SECONDS:,.0f}; 0 for none"
