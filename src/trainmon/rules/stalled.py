"""The training process lives and has stopped logging.

Looks for
---------
Silence of a run whose process is still there, measured against the run's own rhythm, and what the
process does meanwhile.

Why it matters
--------------
A hung collective, a dead loader worker or a full disk holds the machines for hours, and nothing in
the curves shows it: they merely end.

Fires when
----------
The last record is older than 60 s, 20 median steps and 3 times the longest gap that an evaluation
or a checkpoint has made so far, whichever is most, and the process is alive, or runs elsewhere and
its log was seen to grow while it was watched. This rule looks at the clock: its finding is live,
cleared by the next record and never part of a replay. Where the log goes on to tell of the machine
alone (`Writer(..., system_metrics=1.0)`), it tells of the silence by itself, later and elsewhere.

With readings of the machine, live or logged, it says what the process does: it is suspended; it
swaps (50 pages a second from the disk, with the memory full or much of it in swap); it waits for a
disk; its GPU is in use all the time at less than 40 % of its power, as in a collective that waits
for a rank; it computes on the GPU or the CPU; it is idle, as in a deadlock or a wait for the
network. A process that is gone is another finding, `crashed`.

Stays quiet
-----------
On logs that just end: nobody knows when to expect the next record of a run of last year. On runs
that told their end, and on processes that are gone.

What to do
----------
Look at the stacks of the process and its workers with `py-spy dump --pid PID`. Where a GPU is in
use at little power, look for the rank that is missing in the collective.

Sources
-------
The thresholds are of the order of the timeouts that launchers ship with, far below their 10 to 30
minutes. Linux, proc_pid_stat(5): the states of a process.

Example
-------
>>> from trainmon.rules import load
>>> rule = load("stalled")
>>> rule.limit(median_step=0.5, longest_gap=40.0)
120.0
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.hardware.rhythm import Rhythm, of_machine
from trainmon.hardware.standstill import Standstill, standstill
from trainmon.liveness import Process
from trainmon.record import EventKind as LogEventKind
from trainmon.roles import Role
from trainmon.rule import (
    Block,
    Event,
    EventKind,
    LiveRule,
    Moment,
    Need,
    Severity,
)
from trainmon.store.batch import HEADER, Record
from trainmon.store.lane import Lane
from trainmon.threshold import threshold

_FEWEST_GAPS = 3
"""Gaps from which on a rhythm is known."""

_TELLING = 2.0
"""Times the silence that was told last, at which it is told again: a dozen times in a week."""

_FRESH = 30.0
"""Seconds after which what a probe told is no answer to what a process does now."""

_ENDS = (LogEventKind.FINISH, LogEventKind.EXCEPTION, LogEventKind.STOP)
_BEGINNINGS = (HEADER, LogEventKind.RESUME)


@dataclass(frozen=True)
class Stalled(LiveRule[Rhythm]):
    """Silence of a process that lives."""

    id = "stalled"
    summary = "the process lives and logs nothing any more; says what it does meanwhile"
    needs = (
        Need(
            "time",
            (Role.TRAIN_LOSS, Role.VAL_LOSS, Role.STEP_TIME, Role.LEARNING_RATE),
            "log.log(..., step=step)  # the writer adds the time",
        ),
    )
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "silence": "seconds",
        "limit": "seconds",
        "median_step": "seconds",
        "gpu_util": "share",
        "power_share": "share",
        "power_before": "share",
        "disk_wait": "share",
        "stopped": "share",
    }

    least: float = threshold(60.0, "seconds: below it nobody would have noticed")
    steps: float = threshold(20.0, "median steps")
    gaps: float = threshold(3.0, "times the longest gap so far, which evaluations make")

    hears = frozenset((*_ENDS, *_BEGINNINGS))

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: what came last is looked up when the clock is looked at."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return a metric that tells the rhythm, and one that goes on while nothing is trained."""
        of_training = context.names(*self.needs[0].roles)[:1]
        return (*of_training, *filter(None, (of_machine(context),)))

    def begin(self) -> Rhythm:
        """Return the state before the first row."""
        return Rhythm()

    def step(self, state: Rhythm, context: Context, block: Block) -> tuple[Rhythm, list[Event]]:
        """Learn the rhythm, and see whether the machine is told of for too long without it."""
        if not state.is_open and not block.events and state.rows < block.stop:
            machine = of_machine(context)
            steady = state.steadily_after(block.lane, machine, block.stop, self.least)
            if steady is not None:  # as in most blocks
                return steady, []
        told = list[Event]()
        judged = self._judged_rows(state, context, block)
        for event in block.events:
            if event.kind not in self.hears:
                continue
            state, events = self._learned(state, context, block, judged, event.row)
            told += events
            if state.is_open:
                told.append(_over(state, event.row))
            if event.kind in _BEGINNINGS:
                state = Rhythm(rows=event.row)
            else:
                state = state._replace(ended=True, is_open=False)
        state, events = self._learned(state, context, block, judged, block.stop)
        return state, [*told, *events]

    def _judged_rows(self, state: Rhythm, context: Context, block: Block) -> list[int]:
        """Return the rows at which a cell is complete where it may be told or be over."""
        machine, lane = of_machine(context), block.lane
        goes_on = machine is not None and lane.has_since(machine, block.start)
        if not goes_on and not state.is_open:
            return []
        rows = set[int]()
        for name in self.paced(context):
            digest = block.digest(name)
            rows.update(digest.rows[digest.since(block.start) :].tolist())
        every = np.array(sorted(rows), np.int32)
        if state.is_open or not len(every):
            return sorted(rows)
        # In most blocks the training was never silent for long.
        before = state.last_times(lane, machine, every)
        late = lane.times[every] - before > self.least
        return sorted(rows) if late.any() else []

    def _learned(
        self, state: Rhythm, context: Context, block: Block, judged: Sequence[int], stop: int
    ) -> tuple[Rhythm, list[Event]]:
        """Return the state after the rows before `stop`, judged at some of them on the way."""
        told = list[Event]()
        for row in judged:
            if not state.rows <= row < stop or state.ended:
                continue
            state = state.after(block.lane, of_machine(context), row + 1)
            silence = float(block.lane.times[row]) - state.last_time
            if state.is_open and state.last_row > state.onset:
                told.append(_over(state, row))
                state = state._replace(is_open=False)
            elif self._is_news(state, silence):
                kind = EventKind.REPEATED if state.is_open else EventKind.OPENED
                state = state._replace(is_open=True, onset=state.last_row, told=silence)
                found = standstill(block.lane, context.names(Role.SYSTEM), state.last_row, row + 1)
                event = self._found(state, row, silence, found, " while its process went on")
                told.append(replace(event, kind=kind))
        return state.after(block.lane, of_machine(context), stop), told

    def limit(self, median_step: float, longest_gap: float) -> float:
        """Return the silence in seconds that is too long for a run of this rhythm."""
        return max(self.least, self.steps * median_step, self.gaps * longest_gap)

    def _is_long(self, state: Rhythm, silence: float) -> bool:
        if len(state.gaps) < _FEWEST_GAPS or not silence > self.least:
            return False
        return silence > self.limit(state.median_step, state.longest_gap)

    def _is_news(self, state: Rhythm, silence: float) -> bool:
        """Return whether a silence is too long, or twice as long as when it was told last."""
        if state.is_open:
            return silence >= _TELLING * state.told
        return self._is_long(state, silence)

    def look(self, state: Rhythm, context: Context, lane: Lane, moment: Moment) -> Event | None:
        """Return the silence if it is too long and the process lives."""
        lives = moment.process == Process.ALIVE or (
            moment.process == Process.UNKNOWN and moment.grew is not None
        )
        if state.ended or not lives:
            return None
        state = state.after(lane, of_machine(context), lane.n_rows)
        if len(state.gaps) < _FEWEST_GAPS:
            return None
        # The machine may have been told of since then, by the same clock.
        newest = state.newest(lane)
        silence = moment.now - max(newest, moment.grew or 0.0) + newest - state.last_time
        if not self._is_long(state, silence):
            return None
        alive = " though its process is alive" if moment.process == Process.ALIVE else ""
        doing = _doing_now(state, context, lane, moment)
        return self._found(state, state.last_row, silence, doing, alive)

    def _found(
        self, state: Rhythm, row: int, silence: float, doing: Standstill | None, alive: str
    ) -> Event:
        """Return the silence in words and numbers."""
        usual = f"usual is one every {state.median_step:.2g} s"
        title = f"no record for {silence:.0f} s{alive}; {doing.words if doing else usual}"
        limit = self.limit(state.median_step, state.longest_gap)
        evidence: dict[str, Any] = {
            "silence": silence,
            "limit": limit,
            "median_step": state.median_step,
            **(doing.evidence if doing else {}),
        }
        onset = state.last_row
        return Event(EventKind.OPENED, row, onset, Severity.WARNING, title, None, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A log that ends in the middle; whether it stalled is for the clock to say."""
        return [{"step": step, "time": 1e9 + step, "train/loss": 1.0} for step in range(30)]

    @staticmethod
    def quiet() -> list[Record]:
        """A log that tells its end."""
        end: Record = {"event": "finish", "status": "finished", "time": 1e9 + 30}
        return [*Stalled.fires(), end]


def _doing_now(state: Rhythm, context: Context, lane: Lane, moment: Moment) -> Standstill | None:
    """Return what the process does, as the probes here tell it, or else the log."""
    machine = moment.machine
    if machine is not None and machine.n_rows:
        newest = float(machine.times[machine.n_rows - 1])
        if moment.now - newest <= _FRESH:
            times = machine.times[: machine.n_rows]
            since = int(np.searchsorted(times, newest - (moment.now - state.last_time)))
            every = [name for names in machine.new_metrics.values() for name in names]
            return standstill(machine, every, since, machine.n_rows)
    names = context.names(Role.SYSTEM)
    if lane.n_rows > state.last_row + 1 and names:
        return standstill(lane, names, state.last_row, lane.n_rows)
    return None


def _over(state: Rhythm, row: int) -> Event:
    return Event(EventKind.CLEARED, row, state.onset, Severity.WARNING, "it logs again")
