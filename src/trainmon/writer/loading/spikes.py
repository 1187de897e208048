"""Batches that came, or steps that took, far longer than usual, with the machine at that time."""

from collections import deque
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from trainmon.writer.loading.hand_over import HandOver
from trainmon.writer.loading.machine import Machine, Readings
from trainmon.writer.loading.usual import Usual

_APART = 1.0
"""Seconds between two spikes that are told: what the machine does changes no faster, and reading
it takes a tenth of that."""

_MOST = 1_000
"""Spikes told of one run: they show any pattern, and make 300 kB of log. The rest stands in the
metrics all the same."""


class Spikes:
    """Compares each wait with those before it, and the rest of each step likewise.

    The first batch of a pass is left out: its wait is that for the workers to start. A spike is
    told at one of the next hand-overs, when a thread of its own has read the machine, with the
    step that had been told when the batch after it was asked for: that of its own line, or before.
    """

    what = "the watch for spikes"

    def __init__(self, machine: Machine, clock: Callable[[], float]) -> None:
        """Read `machine` at spikes; `clock` gives seconds."""
        self._machine = machine
        self._clock = clock
        self._waits = Usual()
        self._works = Usual()
        self._told = 0
        self._untold = 0
        self._next_at = -inf
        self._ready: deque[Readings] = deque()
        self._asked: dict[str, Any] | None = None

    def begin(self, expected: int | None) -> None:
        """Go on; what is usual holds over passes."""

    def take(self, hand: HandOver) -> None:
        """Judge one batch, and tell the spikes whose readings have come."""
        if self._asked is not None:
            self._asked.setdefault("step", hand.step)
            if self._ready:
                hand.spikes.append({**self._asked, **self._ready.popleft()})
                self._asked = None
        if hand.whole is None:
            return
        work = hand.whole - hand.wait
        late = self._waits.exceeded_by(hand.wait)
        slow = self._works.exceeded_by(work)
        if late or slow:
            self._report(
                {
                    "metric": "data_time" if late else "step_time",
                    "data_time": hand.wait,
                    "step_time": hand.whole,
                    "median": self._waits.median if late else self._works.median,
                    "batch": hand.index,
                }
            )

    def end(self) -> Mapping[str, float]:
        """Return nothing: spikes are events."""
        return {}

    def _report(self, fields: dict[str, Any]) -> None:
        now = self._clock()
        if now < self._next_at or self._told == _MOST or self._machine.busy:
            self._untold += 1
            return
        self._told += 1
        self._next_at = now + _APART
        if self._untold:
            fields["untold"] = self._untold
            self._untold = 0
        self._asked = fields
        self._machine.ask(self._ready.append)
