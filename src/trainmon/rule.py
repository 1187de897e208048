"""What a rule is: a fold over blocks of rows that decides events.

    step(state, context, block) -> (state, events)

A rule knows no clock, no probe and no other rule; its thresholds are its fields. An event carries
the row at which it was decided, and only rows up to that one may have decided it. So the events
decided at or before row k are the same for a log and for its first k rows, however the log was cut
into reads. Whatever a rule computes must therefore not depend on where a block begins or ends: take
exact things (medians, counts, comparisons), sample by sample or over the cells of a digest.

A rule is stepped only when there is something for it: a sample of a metric that it watches, a whole
cell of one that it paces, or an event that it hears. States are immutable.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, Generic, Literal, TypeVar

from trainmon.context import Context
from trainmon.digest import NO_CELLS, Digest
from trainmon.digests import Digests
from trainmon.liveness import Process
from trainmon.roles import Role
from trainmon.store.batch import NO_SAMPLES, LogEvent, Record, Samples
from trainmon.store.lane import Lane
from trainmon.store.timeline import Timeline

LOOKBACK = 1_024
"""Samples of a metric that a rule may look at from before its block."""

Evidence = Mapping[str, Any]
Unit = Literal["seconds", "share"]
State = TypeVar("State")


class Severity(IntEnum):
    """How much a finding matters."""

    INFO = 1
    """Worth knowing."""
    WARNING = 2
    """Act soon."""
    ERROR = 3
    """The run is being wasted now."""

    @property
    def glyph(self) -> str:
        """The mark that stands for it wherever it is shown; colour never stands alone."""
        return {Severity.INFO: "·", Severity.WARNING: "▲", Severity.ERROR: "●"}[self]

    @property
    def word(self) -> str:
        """The severity as the command line and the JSON spell it."""
        return self.name.lower()


class EventKind(StrEnum):
    """What happened to a finding."""

    OPENED = "opened"
    WORSENED = "worsened"
    REPEATED = "repeated"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Event:
    """One decision of a rule."""

    kind: EventKind
    row: int
    """The row at which it was decided."""
    onset: int
    """The row at which the trouble began."""
    severity: Severity
    title: str
    metric: str | None = None
    evidence: Evidence = field(default_factory=dict)
    rank: int | None = None
    """The rank that it is about, where it is not that of the lane; for rules across ranks."""


def known(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence without what the log does not tell, which is NaN in columns.

    >>> known({"best": 0.5, "best_epoch": float("nan")})
    {'best': 0.5}
    """
    return {key: value for key, value in evidence.items() if value == value}  # noqa: PLR0124 - false for NaN alone


@dataclass(frozen=True, slots=True)
class Need:
    """A signal a rule cannot do without: any one of what is listed will do."""

    signal: str
    """Its name in trainmon's format."""
    roles: tuple[Role, ...]
    """Metrics of one of these."""
    log: str
    """The line of code that would log it."""
    monitored: bool = False
    """Whether the monitored metric will do as well, by whatever name it has."""
    events: tuple[str, ...] = ()
    """Events by kind, or by kind and field: ``evaluation/confusion``."""
    settings: tuple[str, ...] = ()
    """Settings of the configuration, by the names that rules read, or what these hold."""

    def met(self, context: Context) -> bool:
        """Return whether the log holds the signal."""
        return (
            bool(context.names(*self.roles))
            or (self.monitored and context.monitored is not None)
            or not context.heard.isdisjoint(self.events)
            or any(context.tells(key) for key in self.settings)
        )


@dataclass(frozen=True, slots=True)
class Block:
    """The rows ``start`` to ``stop`` of a lane, and a bounded look at what came before."""

    lane: Lane
    start: int
    stop: int
    baseline_row: int = 0
    digests: Digests | None = None

    def digest(self, name: str | None) -> Digest:
        """Return the cells of a metric since the baseline, up to the block's end.

        Those that are new stand from ``digest.since(block.start)`` on.
        """
        return self.digests.of(name) if self.digests is not None else NO_CELLS

    def samples(self, name: str | None) -> Samples:
        """Return the samples of a metric in the block; none if it has none there."""
        if not self.lane.has_since(name, self.start):
            return NO_SAMPLES
        every = self.lane.samples(name)
        if self.start == self.lane.n_rows - 1:  # one record of a live log: no search
            return Samples(every.rows[-1:], every.values[-1:])
        first, last = every.positions(self.start, self.stop)
        return Samples(every.rows[first:last], every.values[first:last])

    def alone(self, name: str | None) -> float | None:
        """Return the value of a metric where the last row alone has one, as in a live log.

        It costs a tenth of what `samples` does; None where there are none or several.
        """
        return self.lane.alone(name, self.start, self.stop)

    def before(self, name: str | None, count: int, row: int | None = None) -> Samples:
        """Return up to `count` samples before `row` (the block's start), since the last resume."""
        every = self.lane.samples(name)
        end = self.start if row is None else row
        first, last = every.positions(self.baseline_row, end)
        first = max(first, last - min(count, LOOKBACK))
        return Samples(every.rows[first:last], every.values[first:last])

    @property
    def events(self) -> Sequence[LogEvent]:
        """The event lines of the block."""
        events = self.lane.events
        if not events or events[-1].row < self.start:
            return ()
        first, last = (bisect_left(events, row, key=_row_of) for row in (self.start, self.stop))
        return events[first:last]

    @property
    def epochs(self) -> Timeline:
        """The epoch of every row of the lane up to the block's end."""
        return self.lane.epochs.upto(self.stop)

    @property
    def times(self) -> Timeline:
        """The time of every row of the lane up to the block's end, in Unix seconds."""
        return self.lane.times.upto(self.stop)

    @property
    def steps(self) -> Timeline:
        """The step of every row of the lane up to the block's end."""
        return self.lane.steps.upto(self.stop)


def _row_of(event: LogEvent) -> int:
    return event.row


class Rule(ABC, Generic[State]):
    """A symptom that is looked for. One rule is one file; its module docstring is its page."""

    id: ClassVar[str]
    summary: ClassVar[str]
    """One line for the table of rules."""
    needs: ClassVar[tuple[Need, ...]]
    hears: ClassVar[frozenset[str]] = frozenset()
    """Kinds of events that concern it."""
    units: ClassVar[Mapping[str, Unit]] = {}
    """The units of the numbers of its evidence, by name, where they have one."""
    worst: ClassVar[Severity] = Severity.WARNING
    """The severity that it reaches at least where its trouble is full; some are only info."""
    gauge: ClassVar[str] = ""
    """The number of its evidence that tells how bad it is: of its decisions of one severity, that
    with the largest is shown. Empty where the latest tells all, as most rules see to."""
    every_rank: ClassVar[bool] = False
    """Whether each rank is judged by itself; otherwise the first one stands for all."""
    of_machine: ClassVar[bool] = False
    """Whether it judges readings of the machine: where the log of a run on this machine holds none,
    what the probes here tell is judged."""
    across_ranks: ClassVar[bool] = False
    """Whether it looks at all ranks side by side, step by step, and at no lane of one of them."""

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics of which each sample concerns it: by default those that it needs."""
        names = dict.fromkeys(name for need in self.needs for name in context.names(*need.roles))
        if context.monitored and any(need.monitored for need in self.needs):
            names[context.monitored[0]] = None
        return names

    def paced(self, context: Context) -> Collection[str]:
        """Return the metrics of which a whole cell of the digest concerns it: by default none."""
        del context
        return ()

    def missing(self, context: Context) -> list[Need]:
        """Return the signals that the log lacks for it."""
        return [need for need in self.needs if not need.met(context)]

    @abstractmethod
    def begin(self) -> State:
        """Return the state before the first row."""

    @abstractmethod
    def step(self, state: State, context: Context, block: Block) -> tuple[State, Sequence[Event]]:
        """Return the state after the block and the events decided in it, in order of rows."""

    @staticmethod
    @abstractmethod
    def fires() -> list[Record]:
        """Return a small log on which the rule fires."""

    @staticmethod
    @abstractmethod
    def quiet() -> list[Record]:
        """Return a small log that resembles the trouble and on which the rule stays quiet."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What only a clock and a probe can tell."""

    now: float
    """Unix seconds."""
    process: Process
    grew: float | None = None
    """When the log was last seen to grow, in Unix seconds; None if never while watched."""
    machine: Lane | None = None
    """What the probes of this machine told of the run lately, as a log would hold it, where it runs
    here."""

    @property
    def tells_nothing(self) -> bool:
        """Whether nobody knows of a process, and the log is only read: it may have ended long ago.

        No live rule has anything to say then.
        """
        return self.process is Process.UNKNOWN and self.grew is None


class LiveRule(Rule[State]):
    """A rule that also looks at the clock. What it finds is marked live and not replayed."""

    @abstractmethod
    def look(self, state: State, context: Context, lane: Lane, moment: Moment) -> Event | None:
        """Return the finding that holds at this moment, or None."""
