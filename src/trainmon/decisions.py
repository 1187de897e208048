"""What rules decided on a run, decision by decision, each with the places that it speaks of.

The same log gives the same decisions however it was read, so a file of them can be compared, and
the findings of an earlier moment are those that its decisions make.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainmon.rule import Event, EventKind, Evidence, Severity
from trainmon.store.lane import Lane
from trainmon.store.timeline import Timeline

Place = float | None
"""A step, epoch or time; None where the log tells none."""

LIMIT = 10_000
"""Decisions kept of one run (about 10 MB): some dozens are usual, thousands are a rule that is told
of a new trouble again and again."""

_SPARED = 4
"""When there are too many, the older half is thinned to at most this part of the limit."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of a rule; nothing of it changes any more."""

    rule: str
    kind: EventKind
    severity: Severity
    title: str
    metric: str | None
    rank: int
    row: int
    """Where the rule spoke; `step`, `epoch` and `time` tell the same place."""
    step: Place
    epoch: Place
    time: Place
    onset_row: int
    """Where the trouble began."""
    onset_step: Place
    onset_epoch: Place
    evidence: Evidence = field(default_factory=lambda: MappingProxyType({}))
    live: bool = False
    """Whether a clock or a probe decided it: it is not the log's alone, and not replayed."""

    @property
    def key(self) -> tuple[str, str | None, int]:
        """What makes two decisions speak of one incident."""
        return self.rule, self.metric, self.rank


class Recorder(Protocol):
    """Gets each decision as it falls. It raises nothing: what goes wrong is among `notices`.

    A run is known by its name and its path.
    """

    file: Path
    """Where they go: it is no log."""
    notices: tuple[str, ...]

    def take(self, run: str, path: str, decided: Decided) -> None:
        """Take in the next decision on a run."""

    def anew(self, run: str, path: str, why: str) -> None:
        """Take in that a run is judged from its beginning: its decisions so far are void."""


def decided(rule: str, event: Event, lane: Lane, *, live: bool = False) -> Decided:
    """Return what a rule decided on a lane."""
    at, began = (_placed_row(lane, row, event.row) for row in (event.row, event.onset))
    time = _place(lane.times, event.row)
    return Decided(
        rule=rule,
        kind=event.kind,
        severity=event.severity,
        title=event.title,
        metric=event.metric,
        rank=lane.rank if event.rank is None else event.rank,
        row=event.row,
        step=_place(lane.steps, at),
        epoch=_place(lane.epochs, at),
        time=time if time is not None else _place(lane.times, at),
        onset_row=event.onset,
        onset_step=_place(lane.steps, began),
        onset_epoch=_place(lane.epochs, began),
        evidence=MappingProxyType(dict(event.evidence)),
        live=live,
    )


class History:
    """The decisions on one run, the earliest first. Owned by the monitor thread.

    Beyond `limit` the older ones are thinned: at first of repetitions, without which every finding
    still opens, worsens and clears where it did. Each is handed on to the `recorder` as it falls,
    with the run's `path`.
    """

    def __init__(
        self, path: str = "", recorder: Recorder | None = None, *, limit: int = LIMIT
    ) -> None:
        self.left_out = 0
        """Decisions that are not kept any more."""
        self._path = path
        self._recorder = recorder
        self._limit = limit
        self._name = ""
        self._decisions: list[Decided] = []
        self._view: tuple[Decided, ...] | None = ()

    def add(self, decision: Decided, name: Callable[[], str] = str) -> None:
        """Take in the next decision; `name` tells what the run is called, asked once."""
        self._decisions.append(decision)
        if len(self._decisions) > self._limit:
            self._thin()
        self._view = None
        if self._recorder:
            self._name = self._name or name()
            self._recorder.take(self._name, self._path, decision)

    def void(self, why: str) -> None:
        """Forget all decisions: the run is judged anew."""
        if self._recorder and self._decisions:
            self._recorder.anew(self._name, self._path, why)
        self.left_out, self._decisions, self._view = 0, [], ()

    def view(self) -> tuple[Decided, ...]:
        """Return the decisions that are kept; the same object while there is no new one."""
        if self._view is None:
            self._view = tuple(self._decisions)
        return self._view

    def _thin(self) -> None:
        half = len(self._decisions) // 2
        telling = [each for each in self._decisions[:half] if each.kind != EventKind.REPEATED]
        older = telling[-(self._limit // _SPARED) :]
        self.left_out += half - len(older)
        self._decisions[:half] = older


def _placed_row(lane: Lane, row: int, last: int) -> int:
    """Return a row, or where it tells no place, as headers and exceptions do, one beside it.

    That is the one before; at the beginning of a log it is the one after, up to `last`.
    """
    if any(_place(column, row) is not None for column in (lane.steps, lane.epochs)):
        return row
    first = max(0, row - _BEHIND)
    before = np.flatnonzero(_told(lane, first, row + 1))
    if len(before):
        return first + int(before[-1])
    after = np.flatnonzero(_told(lane, row, min(row + _AHEAD, last + 1)))
    return row + int(after[0]) if len(after) else row


def _told(lane: Lane, start: int, stop: int) -> NDArray[np.bool_]:
    """Return which of some rows tell a place."""
    return np.asarray(np.isfinite(lane.steps[start:stop]) | np.isfinite(lane.epochs[start:stop]))


_BEHIND = 4_096
"""Rows looked back over for a place: an hour of readings of the machine tells none."""

_AHEAD = 32
"""Rows looked at behind the first ones: more lines in a row tell none at no beginning of a log."""


def _place(column: Timeline, row: int) -> Place:
    if not 0 <= row < len(column):
        return None
    value = float(column[row])
    return value if isfinite(value) else None
