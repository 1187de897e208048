"""An exception ended the run, or its process is gone.

Looks for
---------
An exception event in the log, a finish event that tells of a failure, or, while watched on the
machine of the run, a process that is gone without having told its end. It looks at each rank.

Why it matters
--------------
A run that died at night holds its reservation and gives nothing back; the sooner it goes on from
its last checkpoint, the less is lost.

Fires when
----------
The log says so: an error at once. Live: the process is gone and the log has not told its end. The
text of the exception is sorted into what it speaks of: values that are not finite, memory or shared
memory that ran out, a collective that timed out, a process or a loader worker that was killed, a
label without a class, a full disk. Of ranks whose exchange failed,
which says that another is gone, the first is told, and none where a rank tells more.

Stays quiet
-----------
On logs that merely end, since nobody knows what became of the process; on runs that told their end;
on an exception after which the run was resumed: that clears it.

What to do
----------
Go on from the last checkpoint, which is named, once the cause is mended. Where the exception speaks
of values that are not finite, look at the findings before it.

Sources
-------
The texts of the errors of PyTorch, CUDA, JAX, TensorFlow, NumPy and the system, by which they are
sorted; 137 is the code of a process that was killed by signal 9, as the kernel does for want of
memory.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("crashed")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["speaks_of"], event.evidence["checkpoint_step"]
('error', 'memory', 20.0)
"""

import re
import textwrap
from collections.abc import Collection
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.failures import FAILED, speaks_of
from trainmon.liveness import Process
from trainmon.ranks.side_by_side import in_words
from trainmon.record import EventKind as LogEventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, LiveRule, Moment, Need, Severity, known
from trainmon.store.batch import HEADER, LogEvent, Record
from trainmon.store.lane import Lane
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Course:
    """What the log has told of an end."""

    checkpoint_row: int = -1
    checkpoint: str = ""
    ended: bool = False
    open: bool = False
    onset: int = 0


@dataclass(frozen=True)
class Crashed(LiveRule[Course]):
    """A run that came to a bad end."""

    id = "crashed"
    summary = "an exception ended the run, or its process is gone; names the last checkpoint"
    needs = (
        Need(
            "exception",
            (Role.TRAIN_LOSS, Role.VAL_LOSS, Role.RETURN, Role.LEARNING_RATE, Role.STEP_TIME),
            "with Writer(folder) as log: ...  # tells an exception that ends it",
            events=(LogEventKind.EXCEPTION,),
        ),
    )
    every_rank = True
    hears = frozenset(
        (
            HEADER,
            LogEventKind.EXCEPTION,
            LogEventKind.FINISH,
            LogEventKind.STOP,
            LogEventKind.CHECKPOINT,
            LogEventKind.RESUME,
        )
    )

    grace: float = threshold(5.0, "seconds after the last record: a process that ends needs some")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: events alone tell."""
        del context
        return ()

    def begin(self) -> Course:
        """Return the state before the first row."""
        return Course()

    def step(self, state: Course, context: Context, block: Block) -> tuple[Course, list[Event]]:
        """Take in the events one by one."""
        events = list[Event]()
        for event in block.events:
            if event.kind == LogEventKind.CHECKPOINT:
                path = str(event.fields.get("path") or "")
                state = replace(state, checkpoint_row=event.row, checkpoint=path)
            elif event.kind in (HEADER, LogEventKind.RESUME):
                events += _resumed(state, event.row)
                state = replace(state, open=False, ended=False)
            elif _is_bad(event) and not state.open:
                evidence = _evidence(event.fields) | _checkpoint(state, block)
                title = _title(evidence, _who(block.lane, context))
                opened = Event(
                    EventKind.OPENED, event.row, event.row, Severity.ERROR, title, None, evidence
                )
                events.append(opened)
                state = replace(state, open=True, ended=True, onset=event.row)
            elif event.kind in (LogEventKind.FINISH, LogEventKind.STOP):
                state = replace(state, ended=True)
        return state, events

    def look(self, state: Course, context: Context, lane: Lane, moment: Moment) -> Event | None:
        """Return the end of a process that told none."""
        if state.ended or moment.process != Process.GONE or not lane.n_rows:
            return None
        row = lane.n_rows - 1
        last = float(lane.times[row])
        if moment.now - last < self.grace:
            return None
        block = Block(lane, row, lane.n_rows)
        evidence = {"type": "gone", "speaks_of": "unknown"} | _checkpoint(state, block)
        who = _who(lane, context)
        whose = f"process of {who}" if who else "process"
        title = f"the {whose} is gone and has not told its end{_kept(evidence)}"
        return Event(EventKind.OPENED, row, row, Severity.ERROR, title, None, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A run that ran out of memory after a checkpoint."""
        records: list[Record] = [
            {"step": step, "time": 1e9 + step, "train/loss": 1.0} for step in range(30)
        ]
        records.insert(21, {"event": "checkpoint", "step": 20, "path": "last.pt"})
        message = "CUDA out of memory. Tried to allocate 2.00 GiB."
        error = {"event": "exception", "type": "OutOfMemoryError", "message": message}
        return [*records, error | {"time": 1e9 + 31}]

    @staticmethod
    def quiet() -> list[Record]:
        """A run that told its end."""
        end: Record = {"event": "finish", "status": "finished", "time": 1e9 + 30}
        return [*({"step": s, "time": 1e9 + s, "train/loss": 1.0} for s in range(30)), end]


def _is_bad(event: LogEvent) -> bool:
    failed = str(event.fields.get("status")) in FAILED
    return event.kind == LogEventKind.EXCEPTION or (event.kind == LogEventKind.FINISH and failed)


def _evidence(fields: Any) -> dict[str, Any]:  # noqa: ANN401 - an event holds any JSON
    kind = str(fields.get("type") or fields.get("status") or "exception")
    message = str(fields.get("message") or _code(fields))
    about = speaks_of(kind, message)
    shown = textwrap.shorten(message, _MESSAGE_SHOWN, placeholder=" …")
    return {"type": kind, "message": shown, "speaks_of": about}


def _code(fields: Any) -> str:  # noqa: ANN401 - an event holds any JSON
    """Return the code with which a process ended, where that is all that is told."""
    code = fields.get("exit_code")
    return f"exit code {code:.0f}" if isinstance(code, (int, float)) and isfinite(code) else ""


_MESSAGE_SHOWN = 200
"""Characters of a message that are shown: its first sentence or two."""


def _checkpoint(state: Course, block: Block) -> dict[str, Any]:
    if state.checkpoint_row < 0:
        return {}
    step = float(block.steps[state.checkpoint_row])
    return known({"checkpoint": state.checkpoint, "checkpoint_step": step})


def _title(evidence: dict[str, Any], who: str) -> str:
    message = _SOURCE_PLACE.sub("", evidence["message"])
    kept = _kept(evidence)
    told = f": {message.rstrip('.') if kept else message}" if message else ""
    return f"{evidence['type']} ended {who or 'the run'}{told}{kept}"


_SOURCE_PLACE = re.compile(r"\[(?:enforce fail at )?[^\[\]\s]*\.(?:cc|cpp|cu|h|hpp|py):\d+\]\s*")
"""Where in its own source a library raised, as in ``[/src/gloo/transport/tcp/pair.cc:553]``: in a
line it hides what happened, and the evidence has it."""


def _who(lane: Lane, context: Context) -> str:
    """Return which rank it is and where it runs; nothing of the first, which stands for the run."""
    host = context.header.get("host")
    return in_words(lane.rank, {"host": host} if host else {}) if lane.rank else ""


def _kept(evidence: dict[str, Any]) -> str:
    step = evidence.get("checkpoint_step", np.nan)
    return f"; the last checkpoint is of step {step:,.0f}" if np.isfinite(step) else ""


def _resumed(state: Course, row: int) -> list[Event]:
    if not state.open:
        return []
    title = "the run goes on"
    return [Event(EventKind.CLEARED, row, state.onset, Severity.ERROR, title)]
