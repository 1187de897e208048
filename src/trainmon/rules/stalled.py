"""The training process lives and has stopped logging.

Looks for
---------
Silence of a run whose process is still there, measured against the run's own rhythm.

Why it matters
--------------
A hung collective, a dead loader worker or a full disk holds the machines for hours, and nothing in
the curves shows it: they merely end.

Fires when
----------
The last record is older than 60 s, 20 median steps and 3 times the longest gap that an evaluation
or a checkpoint has made so far, whichever is most, and the process is alive, or runs elsewhere and
its log was seen to grow while it was watched. This rule looks at the clock: its finding is live,
cleared by the next record and never part of a replay.

Stays quiet
-----------
On logs that just end: nobody knows when to expect the next record of a run of last year. On runs
that told their end, and on processes that are gone, which is another finding.

What to do
----------
Look at the stacks of the process and its workers with `py-spy dump --pid PID`. Low power at high
utilisation on a GPU speaks for a collective that waits for a rank that is gone.

Sources
-------
The thresholds are of the order of the timeouts that launchers ship with, far below their 10 to 30
minutes.

Example
-------
>>> from trainmon.rules import load
>>> rule = load("stalled")
>>> rule.limit(median_step=0.5, longest_gap=40.0)
120.0
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from trainmon.context import Context
from trainmon.liveness import Process
from trainmon.medians import median_of
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
from trainmon.store.batch import HEADER, Floats, Record
from trainmon.store.lane import Lane
from trainmon.threshold import threshold

_RECENT_GAPS = 256
"""Gaps between records whose median is the step: recent enough to follow a change of pace."""

_ENDS = (LogEventKind.FINISH, LogEventKind.EXCEPTION, LogEventKind.STOP)
_BEGINNINGS = (HEADER, LogEventKind.RESUME)


@dataclass(frozen=True)
class Rhythm:
    """When records came, since the process began."""

    last_time: float = np.nan
    last_row: int = 0
    gaps: tuple[float, ...] = ()
    """Seconds between the last records."""
    longest_gap: float = 0.0
    rows: int = 0
    """Rows that it has learned from."""
    ended: bool = False
    """Whether it told its end; what is logged on the way out does not take that back."""


@dataclass(frozen=True)
class Stalled(LiveRule[Rhythm]):
    """Silence of a process that lives."""

    id = "stalled"
    summary = "the process lives and logs nothing any more (live)"
    needs = (
        Need(
            "time",
            (Role.TRAIN_LOSS, Role.VAL_LOSS, Role.STEP_TIME, Role.LEARNING_RATE),
            "log.log(..., step=step)  # the writer adds the time",
        ),
    )

    units = {"silence": "seconds", "limit": "seconds", "median_step": "seconds"}  # noqa: RUF012 - declared as a class variable by Rule

    least: float = threshold(60.0, "seconds: below it nobody would have noticed")
    steps: float = threshold(20.0, "median steps")
    gaps: float = threshold(3.0, "times the longest gap so far, which evaluations make")

    hears = frozenset((*_ENDS, *_BEGINNINGS))

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: what came last is looked up when the clock is looked at."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return a metric that tells the rhythm."""
        return context.names(*self.needs[0].roles)[:1]

    def begin(self) -> Rhythm:
        """Return the state before the first row."""
        return Rhythm()

    def step(self, state: Rhythm, context: Context, block: Block) -> tuple[Rhythm, list[Event]]:
        """Learn the rhythm; nothing is decided without a clock."""
        del context
        start, ended = state.rows, state.ended
        for event in block.events:
            ended = ended or event.kind in _ENDS
            if event.kind in _BEGINNINGS:
                start, ended, state = event.row, False, Rhythm()
        return _after(state, start, block.lane.times[start : block.stop], ended=ended), []

    def limit(self, median_step: float, longest_gap: float) -> float:
        """Return the silence in seconds that is too long for a run of this rhythm."""
        return max(self.least, self.steps * median_step, self.gaps * longest_gap)

    def look(self, state: Rhythm, context: Context, lane: Lane, moment: Moment) -> Event | None:
        """Return the silence if it is too long and the process lives."""
        del context
        lives = moment.process == Process.ALIVE or (
            moment.process == Process.UNKNOWN and moment.grew is not None
        )
        if state.ended or not lives:
            return None
        state = _after(state, state.rows, lane.times[state.rows :], ended=state.ended)
        if len(state.gaps) < 3:
            return None
        median = median_of(state.gaps)
        limit = self.limit(median, state.longest_gap)
        since = max(state.last_time, moment.grew or 0.0)
        silence = moment.now - since
        if silence <= limit:
            return None
        alive = " though its process is alive" if moment.process == Process.ALIVE else ""
        title = f"no record for {silence:.0f} s{alive}; usual is one every {median:.2g} s"
        evidence = {"silence": silence, "limit": limit, "median_step": median}
        row = state.last_row
        return Event(EventKind.OPENED, row, row, Severity.WARNING, title, None, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A log that ends in the middle; whether it stalled is for the clock to say."""
        return [{"step": step, "time": 1e9 + step, "train/loss": 1.0} for step in range(30)]

    @staticmethod
    def quiet() -> list[Record]:
        """A log that tells its end."""
        end: Record = {"event": "finish", "status": "finished", "time": 1e9 + 30}
        return [*Stalled.fires(), end]


def _after(state: Rhythm, start: int, times: Floats, *, ended: bool) -> Rhythm:
    """Return the rhythm after the rows from `start` on, of which these are the times."""
    rows = start + len(times)
    told = np.isfinite(times).nonzero()[0]
    if not len(told):
        return replace(state, rows=rows, ended=ended)
    times = times[told]
    gaps = np.empty(len(times))
    gaps[0] = times[0] - state.last_time
    np.subtract(times[1:], times[:-1], out=gaps[1:])
    gaps = gaps[np.isfinite(gaps)]
    return replace(
        state,
        rows=rows,
        ended=ended,
        last_time=times.item(-1),
        last_row=start + int(told[-1]),
        gaps=(*state.gaps, *gaps[-_RECENT_GAPS:].tolist())[-_RECENT_GAPS:],
        longest_gap=max(state.longest_gap, float(gaps.max(initial=0.0))),
    )
