"""Watches a time that each step takes for single values far above the usual.

What rules of spikes have in common: how many of them make a finding, what is told of it, and when
it is over. A rule says which time it watches, what is ordinary, and what there is to tell.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from trainmon.context import Context
from trainmon.digest import CELL
from trainmon.record import EventKind as LogEventKind
from trainmon.roles import RunRoles
from trainmon.rule import Block, Event, EventKind, Rule, Severity
from trainmon.spikes.pattern import Spike
from trainmon.spikes.readings import reads_worst
from trainmon.spikes.search import Limits, is_quiet, spikes_in
from trainmon.spikes.time_share import share_of_time
from trainmon.spikes.usual import Duration, anchor, number_of, rough
from trainmon.threshold import threshold

_EACH = 20
"""Spikes of which each is told: the worst come and go while they are few. Later the gaps grow with
the square of their number, so that a log of any length has some dozens."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The spikes among the last samples, and what is usual at the moment."""

    roles: RunRoles | None = None
    """Those that `duration` was found by."""
    duration: Duration | None = None
    baseline_row: int = 0
    spikes: tuple[Spike, ...] = ()
    """Those of the last `window` samples, the oldest first."""
    count: int = 0
    """Spikes since the baseline."""
    told: int = 0
    """How many of them there were at the last event."""
    severity: Severity | None = None
    onset: int = 0
    anchor: int = -1
    """The one that `bound` is for."""
    bound: float = -np.inf
    """Up to this a value is no spike."""

    @property
    def last(self) -> int:
        """The number of the last spike, or where samples began to be counted."""
        return self.spikes[-1].index if self.spikes else 0


@dataclass(frozen=True)
class SpikeRule(Rule[Watch]):
    """A rule of single values far above the usual."""

    noun: ClassVar[str]
    """What its spikes are called."""
    key: ClassVar[str]
    """The name of what is watched in `spike` events."""
    hears = frozenset({LogEventKind.SPIKE})

    times_median: float = threshold(8.0, "times the median")
    deviations: float = threshold(12.0, "MAD above the median")
    log_deviations: float = threshold(0.0, "MAD of the logarithms above the median")
    least: float = threshold(0.01, "seconds: shorter ones nobody can do anything about")
    felt: float = threshold(0.03, "seconds: a busy CPU takes as much from any process; info alone")
    window: int = threshold(1_000, "batches over which the share is taken")
    few: int = threshold(5, "spikes: fewer are chance")
    few_costly: int = threshold(3, "spikes that take much of the time: each of them costs a lot")
    costly: float = threshold(0.06, "of the wall time: few spikes must have taken so much of it")
    settled_after: int = threshold(250, "batches, of which a few spikes are no matter of the start")
    rate_info: float = threshold(0.002, "of the batches")
    rate_warning: float = threshold(0.05, "of the batches")
    excess_warning: float = threshold(0.03, "of the wall time")
    calm: int = threshold(500, "batches without a spike after which it is over")

    @abstractmethod
    def duration(self, context: Context) -> Duration | None:
        """Return the time that is watched, if the log has one."""

    @abstractmethod
    def is_ordinary(self, context: Context, block: Block, row: int) -> bool:
        """Return whether something harmless explains a long time in a row."""

    @abstractmethod
    def told(
        self, spikes: Sequence[Spike], context: Context, block: Block, row: int
    ) -> dict[str, Any]:
        """Return what is to be told of the recent spikes, at a row, beside their number."""

    @abstractmethod
    def title(self, evidence: Mapping[str, Any]) -> str:
        """Return the finding in words."""

    def settled(self, spikes: tuple[Spike, ...], context: Context, block: Block) -> Sequence[Spike]:
        """Return those of some spikes that count, now that what came behind them is known."""
        del context, block
        return spikes

    def is_mild(self, spikes: Sequence[Spike], context: Context, block: Block) -> bool:
        """Return whether the spikes are no more than worth knowing, however many they are."""
        del spikes, context, block
        return False

    def limits(self, context: Context) -> Limits:
        """Return how far above the usual a spike is."""
        del context
        return Limits(self.times_median, self.deviations, self.log_deviations, self.least)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metric of which each sample may be a spike."""
        duration = self.duration(context)
        return (duration.metric,) if duration else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the metrics whose level is looked at."""
        duration = self.duration(context)
        return tuple(filter(None, (duration.metric, duration.less))) if duration else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Find the spikes among all samples at once, then judge them one by one."""
        if state.roles is not context.roles or state.baseline_row != context.baseline_row:
            state = self._renewed(state, context)
        duration = state.duration
        if duration is None:
            return state, []
        state, is_usual = self._usual(state, context, block, duration)
        if is_usual:
            return state, []
        limits = self.limits(context)
        if state.severity is None and is_quiet(block, duration, limits):
            return state, []
        decided = list[Event | None]()
        first = number_of(block, duration.metric, block.start)
        found: list[Any] = [
            spike
            for spike in spikes_in(block, duration, limits, first)
            if not self.is_ordinary(context, block, spike.row)
        ]
        found += [event for event in block.events if event.kind == LogEventKind.SPIKE]
        for each in sorted(found, key=attrgetter("row")):
            if isinstance(each, Spike):
                state, event = self._calmed(state, block, first, each.index)
                decided.append(event)
                state, event = self._counted(state, each, context, block)
                decided.append(event)
            elif state.severity is not None and reads_worst(each, state.spikes, self.key):
                decided.append(self._event(EventKind.REPEATED, each.row, state, context, block))
        state, event = self._calmed(state, block, first, None)
        return state, [event for event in (*decided, event) if event is not None]

    def _renewed(self, state: Watch, context: Context) -> Watch:
        """Return the state for other metrics, or from a new baseline on."""
        duration, baseline_row = self.duration(context), context.baseline_row
        if (state.duration, state.baseline_row) == (duration, baseline_row):
            return replace(state, roles=context.roles)
        severity, onset = state.severity, state.onset
        return Watch(context.roles, duration, baseline_row, severity=severity, onset=onset)

    def _usual(
        self, state: Watch, context: Context, block: Block, duration: Duration
    ) -> tuple[Watch, bool]:
        """Return whether the block is one usual sample, as a live log brings it, and no more."""
        value = block.alone(duration.metric)
        if value is None:
            return state, False
        digest = block.digest(duration.metric)
        rows = digest.rows
        completes = len(rows) > 0 and int(rows[-1]) == block.stop - 1
        cell = digest.count - completes
        if anchor(cell) != state.anchor:
            (level,) = rough(block, duration, np.array([cell])).tolist()
            state = replace(state, anchor=anchor(cell), bound=self.limits(context).near(level))
        may_clear = state.severity is not None and state.last + self.calm < CELL * (cell + 1)
        return state, value <= state.bound and not may_clear

    def _calmed(
        self, state: Watch, block: Block, first: int, upto: int | None
    ) -> tuple[Watch, Event | None]:
        """Return the state, and the end of the trouble if it came before a sample of the block.

        `upto` is that sample's number, `first` that of the block's first one; None stands for the
        end of the block.
        """
        if state.severity is None or state.duration is None:
            return state, None
        metric, over = state.duration.metric, state.last + self.calm
        if upto is not None and over >= upto:
            return state, None
        samples = block.samples(metric)
        if over >= first + len(samples):
            return state, None
        row = int(samples.rows[over - first])
        title = f"no {self.noun} for {self.calm} batches"
        event = Event(EventKind.CLEARED, row, state.onset, state.severity, title, metric)
        return replace(state, severity=None, spikes=()), event

    def _counted(
        self, state: Watch, spike: Spike, context: Context, block: Block
    ) -> tuple[Watch, Event | None]:
        """Return the state with one more spike, and what is decided there."""
        recent = tuple(s for s in state.spikes if s.index > spike.index - self.window)
        spikes = (*self.settled(recent, context, block), spike)
        state = replace(state, spikes=spikes, count=state.count + 1)
        batches = self._batches(spikes)
        rate = len(spikes) / batches
        few = self.few_costly if batches >= self.settled_after else self.few
        if len(spikes) < few or rate < self.rate_info:
            return state, None
        grew = state.count >= state.told + max(1, (state.told // _EACH) ** 2)
        if state.severity is not None and not grew:
            return state, None
        least = self.felt if self.limits(context).shortest == self.least else 0.0
        felt = [spike for spike in spikes if spike.wait - spike.median >= least]
        share = share_of_time(felt, state.duration, context, block, self.window) if felt else 0.0
        if len(spikes) < self.few and share < self.costly:
            return state, None
        warns = len(felt) / batches > self.rate_warning or share >= self.excess_warning
        warns = warns and not self.is_mild(spikes, context, block)
        before = state.severity or Severity.INFO
        severity = max(Severity.WARNING if warns else Severity.INFO, before)
        if state.severity is None:
            kind, state = EventKind.OPENED, replace(state, onset=spikes[0].row)
        else:
            kind = EventKind.WORSENED if severity > before else EventKind.REPEATED
        state = replace(state, severity=severity, told=state.count)
        return state, self._event(kind, spike.row, state, context, block)

    def _event(
        self, kind: EventKind, row: int, state: Watch, context: Context, block: Block
    ) -> Event:
        """Return what is told of the recent spikes at a row."""
        spikes, batches = state.spikes, self._batches(state.spikes)
        evidence = {
            "spikes": len(spikes),
            "batches": batches,
            "rate": len(spikes) / batches,
            "time_share": share_of_time(spikes, state.duration, context, block, self.window),
            "median": spikes[-1].median,
            "max": max(spike.wait for spike in spikes),
            **self.told(spikes, context, block, row),
        }
        severity = state.severity or Severity.INFO
        metric = state.duration.metric if state.duration else None
        return Event(kind, row, state.onset, severity, self.title(evidence), metric, evidence)

    def _batches(self, spikes: Sequence[Spike]) -> int:
        """Return how many batches the recent spikes are among."""
        return min(spikes[-1].index + 1, self.window)
