"""Memory grows without end.

Looks for
---------
The floor of the memory that the process, the host or a GPU uses: its lowest values, stretch by
stretch since the first epoch.

Why it matters
--------------
The run ends when the memory does, often after days, and where the system swaps it becomes slow
before that.

Fires when
----------
The floor rose in every quarter of the time since the first epoch (by Theil-Sen slopes; the second
half of that time holds nearly half of the growth, and it never fell back by a quarter of it), and
either it will reach the limit before the planned end if it goes on like that, or it grew by half
and by more than 2 % of the limit (512 MB where no limit is told), over at least 15 % of the plan
(250 steps and 12 stretches where none is told, 96 samples where no steps are). A stretch is four
samples, or fewer where these are far apart: how long it has grown counts, not how often somebody
looked. At least 12 samples tell.

Stays quiet
-----------
On caches that fill and then stay; on growth within the first epoch, in which data sets are read for
the first time; on memory that steps up once, as at the first evaluation; on saws of garbage that is
collected. The memory of the host is not told of where the process itself accounts for half of its
growth.

What to do
----------
Host: look for tensors with a graph that are kept (`losses.append(loss)`: take `loss.item()`), for
lists of Python objects in a dataset that is copied into each worker, and compare snapshots of
`tracemalloc`. GPU: `torch.cuda.memory._record_memory_history()`. Until it is found: checkpoint and
restart before the limit.

Sources
-------
P. K. Sen, Estimates of the regression coefficient based on Kendall's tau (JASA 63, 1968). PyTorch
issue 13246: memory of workers grows as Python counts references.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("memory-leak")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, last.metric, last.evidence["of"]
('warning', 'sys/rss', 'process')
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import Flags, completes
from trainmon.digest import Digest
from trainmon.hardware.beside_training import steps_before
from trainmon.hardware.first_epoch import is_past, place_of
from trainmon.hardware.lows import NO_LOWS, Lows, quarter_slopes
from trainmon.hardware.memory import HOST, PROCESS, kind_of, limit_at, memories, size
from trainmon.hardware.readings import last_told
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Floats, Record
from trainmon.threshold import threshold


class Trend(NamedTuple):
    """The floor of one metric, and the finding if one is open."""

    begun: bool = False
    """Whether the first epoch is over."""
    onset: int = 0
    """The row at which the floor began to be watched, or at which the growth did."""
    lows: Lows = NO_LOWS
    is_open: bool = False
    told: float = 0.0
    """The memory in use when it was told last."""


@dataclass(frozen=True, slots=True)
class Trends:
    """The floor of each metric, by its name."""

    baseline_row: int = 0
    trends: Mapping[str, Trend] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class MemoryLeak(Rule[Trends]):
    """Memory that grows in every quarter of the run."""

    id = "memory-leak"
    summary = "memory of the process, the host or a GPU grows without end; says when it is full"
    needs = (
        Need(
            "sys/rss",
            (Role.SYSTEM, Role.MEMORY),
            'log.log({"sys/rss": psutil.Process().memory_info().rss})',
        ),
    )
    units = {"share": "share"}  # noqa: RUF012 - declared as a class variable by Rule
    every_rank = True
    of_machine = True

    half: float = threshold(1.5, "times the memory at first")
    late: float = threshold(0.88, "of what a line grows in its second half: a cache grows less")
    tail: float = threshold(0.7, "of what a line grows in its last quarter")
    fallen: float = threshold(0.25, "of the growth: a leak does not give back")
    enough: float = threshold(0.02, "of the limit: less is noise, however steady")
    enough_bytes: float = threshold(512e6, "bytes, where no limit is told")
    filling: float = threshold(0.15, "of the plan: caches of several epochs have filled by then")
    unplanned: float = threshold(250.0, "steps, where no plan is told")
    stretches: float = threshold(12.0, "lowest values, likewise: three of each quarter")
    samples: float = threshold(96.0, "samples, where no steps are told either")
    seen: float = threshold(0.1, "of the plan, before it is said how the run ends")
    begun: float = threshold(20.0, "steps, while data and model are loaded and caches fill")
    again: float = threshold(1.2, "times the memory when it was told last")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: it is stretches that are judged."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the memory of process, host and GPUs."""
        return tuple(memories(context))

    def begin(self) -> Trends:
        """Return the state before the first row."""
        return Trends()

    def step(self, state: Trends, context: Context, block: Block) -> tuple[Trends, list[Event]]:
        """Judge the stretches that are complete now, metric by metric."""
        trends = dict(state.trends)
        if state.baseline_row != context.baseline_row:
            kept = {name: trend for name, trend in trends.items() if trend.is_open}
            trends = {n: Trend(is_open=True, onset=t.onset, told=t.told) for n, t in kept.items()}
        events = list[Event]()
        for name in memories(context):
            digest = block.digest(name)
            if not completes(digest, block.start, 1):
                continue
            new = digest.since(block.start)
            trend = trends.get(name, Trend())
            if not trend.begun:
                over = np.flatnonzero(self._may_begin(context, block, digest, new, name))
                if not len(over):
                    continue
                new += int(over[0])
                onset = trend.onset if trend.is_open else int(digest.first_rows[new])
                lows = Lows(part=digest.cell // 2)
                trend = trend._replace(begun=True, onset=onset, lows=lows)
            every = block.lane.samples(name)
            first, last = every.positions(int(digest.first_rows[new]), int(digest.rows[-1]) + 1)
            ends = set(digest.rows[new:].tolist())
            for lows in trend.lows.extended(every.rows[first:last], every.values[first:last]):
                grew = len(lows.rows) > len(trend.lows.rows) or lows.parts != trend.lows.parts
                trend = trend._replace(lows=lows)
                if grew and lows.rows[-1] in ends and lows.tells:
                    trend, event = self._judged(trend, context, block, name)
                    events += [event] if event else []
            trends[name] = trend
        events.sort(key=lambda event: (event.row, event.metric or ""))
        return Trends(context.baseline_row, MappingProxyType(trends)), events

    def _may_begin(
        self, context: Context, block: Block, digest: Digest, new: int, name: str
    ) -> Flags:
        """Return at which new cells the floor may be watched: on cards nothing waits for epochs."""
        rows = digest.first_rows[new:]
        begun = steps_before(context, block, rows) >= self.begun
        if kind_of(name) == "gpu":
            return begun & (np.arange(new, len(digest)) + digest.count - len(digest) > 0)
        return begun & is_past(context, block, digest, rows)

    def _judged(
        self, trend: Trend, context: Context, block: Block, name: str
    ) -> tuple[Trend, Event | None]:
        """Return the trend after a further stretch, and what is decided there."""
        first, now = trend.lows.values[0], trend.lows.values[-1]
        if not trend.is_open and not now > first * (1 + self.enough):
            return trend, None  # less than that of the limit, which is more than what is in use
        values, row = np.array(trend.lows.values), trend.lows.rows[-1]
        if not trend.is_open:
            return self._opened(trend, context, block, name, values)
        if quarter_slopes(values)[-1] <= 0:
            title = f"{name} has stopped growing, at {size(now)}"
            event = Event(EventKind.CLEARED, row, trend.onset, Severity.WARNING, title, name)
            return trend._replace(is_open=False), event
        if now < self.again * trend.told:
            return trend, None
        evidence = self._evidence(trend.lows, context, block, name)
        event = _event(EventKind.REPEATED, row, trend.onset, name, evidence)
        return trend._replace(told=now), event

    def _opened(
        self, trend: Trend, context: Context, block: Block, name: str, values: Floats
    ) -> tuple[Trend, Event | None]:
        """Return the trend, and that it is a leak if it is one."""
        if not self._grows(values, float(values[-1] - values[0])):
            return trend, None
        evidence = self._evidence(trend.lows, context, block, name)
        lasted = self._has_lasted(trend.lows, context, block)
        if not self._matters(evidence, block, name, trend.lows, lasted=lasted):
            return trend, None
        event = _event(EventKind.OPENED, trend.lows.rows[-1], trend.onset, name, evidence)
        return trend._replace(is_open=True, told=float(values[-1])), event

    def _has_lasted(self, lows: Lows, context: Context, block: Block) -> bool:
        """Return whether it was watched for a good part of the plan; without one, for long."""
        places = [place_of(block, row) for row in (lows.rows[0], lows.rows[-1])]
        share = [context.share_done(place.step, place.epoch) for place in places]
        if share[0] is not None and share[1] is not None:
            return share[1] - share[0] >= self.filling
        passed = places[1].step - places[0].step
        if passed == passed:  # noqa: PLR0124 - false for NaN alone
            return passed >= self.unplanned and len(lows.values) >= self.stretches
        return lows.samples >= self.samples

    def _grows(self, values: Floats, growth: float) -> bool:
        """Return whether the floor rose in every quarter, and does not level off or fall back."""
        if not np.isfinite(values).all():
            return False
        fallen = float((np.maximum.accumulate(values) - values).max())
        if fallen > self.fallen * growth:
            return False
        slopes = quarter_slopes(values)
        line = growth / (len(values) - 1)
        if min(slopes) <= 0 or slopes[-1] < self.tail * line:
            return False
        half = len(values) // 2
        late = float(values[-1] - values[half])
        return late >= self.late * line * (len(values) - 1 - half)

    def _matters(
        self,
        evidence: Mapping[str, Any],
        block: Block,
        name: str,
        lows: Lows,
        *,
        lasted: bool,
    ) -> bool:
        """Return whether the growth is large, or ends the run, and is not accounted for.

        It counts as large only when it has `lasted` for longer than it takes to fill a cache.
        """
        limit, growth = evidence["limit"], evidence["growth"]
        if growth < (self.enough * limit if limit == limit else self.enough_bytes):  # noqa: PLR0124 - false for NaN alone
            return False
        if name == HOST:
            rows = np.array([lows.rows[0], lows.rows[-1]], np.int32)
            before, now = last_told(block, PROCESS, rows).tolist()
            if now - before >= growth / 2:
                return False
        if evidence["full_before_end"]:
            return True
        return bool(evidence["now"] >= self.half * evidence["first"]) and lasted

    def _evidence(self, lows: Lows, context: Context, block: Block, name: str) -> dict[str, Any]:
        """Return how much the memory grew, and when it will be full."""
        first, now = lows.values[0], lows.values[-1]
        places = [place_of(block, row) for row in (lows.rows[0], lows.rows[-1])]
        limit = limit_at(context, block, name, lows.rows[-1], now)
        steps, seconds = places[1].step - places[0].step, places[1].time - places[0].time
        share = [context.share_done(place.step, place.epoch) for place in places]
        passed = share[1] - share[0] if share[0] is not None and share[1] is not None else np.nan
        at_end = now + (now - first) / passed * (1 - (share[1] or 0.0)) if passed > 0 else np.nan
        per_step = (now - first) / steps if steps > 0 else np.nan
        return {
            "of": kind_of(name),
            "first": first,
            "now": now,
            "growth": now - first,
            "per_step": per_step,
            "per_hour": 3_600 * (now - first) / seconds if seconds > 0 else np.nan,
            "limit": limit,
            "share": now / limit,
            "at_end": at_end,
            "full_at_step": places[1].step + (limit - now) / per_step,
            "full_before_end": bool(passed >= self.seen and at_end >= limit),
        }

    @staticmethod
    def fires() -> list[Record]:
        """A process that keeps 100 MB of each step, on a host of 64 GB."""
        return _log(5e9 + 1e8 * np.arange(400.0))

    @staticmethod
    def quiet() -> list[Record]:
        """A process that reads its data in the first epoch, steps up once, and collects garbage."""
        steps = np.arange(400.0)
        return _log(5e9 + 1e8 * np.minimum(steps, 40) + 4e9 * (steps > 200) + 2e7 * (steps % 50))


def _log(used: Floats) -> list[Record]:
    noise = np.random.default_rng(0).normal(0, 1e7, len(used))
    header: Record = {"trainmon": 1, "config": {"epochs": 10, "total_steps": 400}}
    return [header] + [
        {"step": step, "epoch": step / 40, "sys/rss": value, "sys/mem_total": 64e9}
        for step, value in enumerate((used + noise).tolist())
    ]


def _event(kind: EventKind, row: int, onset: int, name: str, evidence: Mapping[str, Any]) -> Event:
    """Return the growth in words and numbers."""
    title = f"{name} grew from {size(evidence['first'])} to {size(evidence['now'])}"
    if evidence["full_before_end"]:
        title += f" and reaches {size(evidence['limit'])} at step {evidence['full_at_step']:,.0f}"
    elif evidence["per_hour"] == evidence["per_hour"]:
        title += f", {size(evidence['per_hour'])} an hour"
    return Event(kind, row, onset, Severity.WARNING, title, name, known(evidence))
