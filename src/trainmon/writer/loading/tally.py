"""What is known of one loader over all passes of a run, and what of it goes to the log."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Self

from trainmon.record import EventKind
from trainmon.writer.loading.completeness import Completeness
from trainmon.writer.loading.counting import Counting, CountOf
from trainmon.writer.loading.hand_over import HandOver, Part
from trainmon.writer.loading.identity import Identity
from trainmon.writer.loading.machine import Machine
from trainmon.writer.loading.reader import UnreadableError
from trainmon.writer.loading.spikes import Spikes
from trainmon.writer.seen import SeenBatch

if TYPE_CHECKING:  # needed by annotations alone
    from trainmon.writer.journal import Journal

TRAIN = "train"
"""The loader whose batches are trained on: its times and samples are those of the run."""


class Tally:
    """Takes each batch of the loader called `name` through the parts that watch something of it.

    The training thread owns it. It outlives the loop's ``log.batches(...)`` of one epoch, so that
    the next one goes on counting. It does not hold the journal, which holds it.
    """

    __slots__ = (
        "_interrupted",
        "_keep_batches",
        "_name",
        "_others",
        "_parts",
        "_pass",
        "_running",
        "_trains",
        "_untold",
    )

    def __init__(
        self,
        name: str,
        *,
        others: Mapping[str, Self],
        ids: object,
        samples: int | CountOf | None,
        batch_size: int | None,
        keep_batches: bool,
        machine: Machine,
        clock: Callable[[], float],
    ) -> None:
        self._name = name
        self._others = others
        self._interrupted = False
        self._untold: dict[str, float] = {}
        self._keep_batches = keep_batches
        self._trains = name == TRAIN
        prefix = "data/" if self._trains else f"data/{name}/"
        self._parts: list[Part] = [
            Counting(samples, batch_size, tells=self._trains),
            Identity(prefix, ids),
            Completeness(prefix),
        ]
        if self._trains:
            self._parts.append(Spikes(machine, clock))
        self._pass = -1
        self._running = False

    def begin(self, journal: "Journal", expected: int | None) -> int:
        """Begin a pass that should have `expected` batches; return its number, from 0."""
        self.end(journal, self._pass)  # the loop may have left the pass before by a break
        self._pass += 1
        self._running = True
        for other in self._others.values():
            other._interrupted = True  # noqa: SLF001 - of the same class
        for part in self._parts:
            part.begin(expected)
        return self._pass

    def take(self, journal: "Journal", hand: HandOver, number: int) -> None:
        """Tell what is known of a batch that is handed over in pass `number`."""
        hand.step = journal.step
        if self._interrupted:  # by an evaluation, say, which is no part of a step
            hand.whole = None
            self._interrupted = False
        for part in self._parts:
            try:
                part.take(hand)
            except Exception as error:  # noqa: BLE001 - training goes on, and so do the other parts
                self._leave_out(journal, part, error)
        if self._trains:
            for spike in hand.spikes:
                journal.event(EventKind.SPIKE, **spike)
            self._remember(journal, hand, number)
            hand.metrics["data_time"] = hand.wait
            if hand.whole is not None:
                hand.metrics["step_time"] = hand.whole
            journal.beside(hand.metrics)
        else:  # its batches are no steps, and lines of their own would count as such
            self._untold |= hand.metrics

    def end(self, journal: "Journal", number: int) -> None:
        """Tell what pass `number` was as a whole, unless that has been told."""
        if number != self._pass or not self._running:
            return
        self._running = False
        metrics, self._untold = self._untold, {}
        for part in self._parts:
            metrics |= part.end()
        journal.beside(metrics)
        if self._trains and journal.seen and not self._keep_batches:
            journal.seen[-1].batch = None

    def _remember(self, journal: "Journal", hand: HandOver, number: int) -> None:
        seen = journal.seen
        if seen and not self._keep_batches:
            seen[-1].batch = None
        samples = hand.samples or 0
        named = (hand.ids, hand.fingerprint, hand.batch)
        seen.append(SeenBatch(hand.index, number, samples, *named, perf_counter()))

    def _leave_out(self, journal: "Journal", part: Part, error: Exception) -> None:
        self._parts = [other for other in self._parts if other is not part]
        why = str(error) if isinstance(error, UnreadableError) else repr(error)
        journal.tell((part.what, self._name), f"{part.what} of {self._name!r} is off: {why}")
