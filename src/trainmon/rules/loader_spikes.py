"""The data loader stalls now and then.

Looks for
---------
Single waits for a batch that are far longer than the usual one.

Why it matters
--------------
The accelerators idle through each of them. Averages hide it: a loader that is quick 11 times and
stalls for 300 ms at the twelfth looks fast.

Fires when
----------
A wait counts as a spike when it is longer than 8 times the median of the 200 before it, than the
median plus 12 MAD, and than 10 ms. Five spikes that are 0.2 % of the batches are info; it is a
warning when the time they took beyond the median is 3 % of the wall time of the last 1,000 batches,
or when they are 5 % of those batches. It names the period if more than 80 % of the gaps between
spikes lie within a tenth of the median gap of its multiples, and what the period matches.

Stays quiet
-----------
On the first batches of an epoch, where workers start; on steady waits however long (that is a
loader-bound run); on the tails of log-normal waits, on which three-sigma rules fire at once.

What to do
----------
Where memory or CPU is tight: fewer workers or a smaller prefetch (12 to 8, 4 to 2). Where both are
idle: more workers. Then `persistent_workers=True`, and the storage: look at what happens at the
period that is named.

Sources
-------
Measured on healthy log-normal traces of 2,000 steps: three-sigma rules fire on all of them, this
one on none.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("loader-spikes")
>>> last = replay(rule, rule.fires())[-1].event
>>> last.severity.word, last.evidence["period"]
('warning', 12.0)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainmon.context import Context
from trainmon.ordinary import opens_epoch, opens_pass
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.spikes import Spike, machine_at, matches, period_of
from trainmon.store.batch import Floats, Record, Rows
from trainmon.threshold import threshold
from trainmon.windows import Baselines, Trail, baselines


@dataclass(frozen=True, slots=True)
class Watch:
    """The waits seen so far and the spikes among the last of them."""

    metric: str | None = None
    baseline_row: int = 0
    trail: Trail = field(default_factory=Trail)
    spikes: tuple[Spike, ...] = ()
    """Those of the last `window` batches."""
    count: int = 0
    told: int = 0
    """How many spikes there were at the last event."""
    severity: Severity | None = None
    onset: int = 0


@dataclass(frozen=True)
class LoaderSpikes(Rule[Watch]):
    """Single long waits for a batch."""

    id = "loader-spikes"
    summary = "the data loader stalls now and then; names the rate, the worst and the period"
    needs = (
        Need(
            "data_time",
            (Role.DATA_TIME,),
            "for batch in log.batches(loader)",
        ),
    )
    units = {  # noqa: RUF012 - declared as a class variable by Rule
        "median": "seconds",
        "max": "seconds",
        "wait": "seconds",
        "rate": "share",
        "time_share": "share",
        "cpu": "share",
        "io_wait": "share",
    }
    every_rank = True

    times_median: float = threshold(8.0, "times the median wait")
    deviations: float = threshold(12.0, "MAD above the median wait")
    least: float = threshold(0.01, "seconds: shorter waits hide behind the prefetch")
    window: int = threshold(1_000, "batches over which the share is taken")
    few: int = threshold(5, "spikes: fewer are chance")
    rate_info: float = threshold(0.002, "of the batches")
    rate_warning: float = threshold(0.05, "of the batches")
    excess_warning: float = threshold(0.03, "of the wall time")
    calm: int = threshold(500, "batches without a spike after which it is over")

    def watched(self, context: Context) -> Collection[str]:
        """Return the wait that is judged."""
        return (context.data_time,) if context.data_time else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Find the spikes among all waits at once, then judge them one by one."""
        if (state.metric, state.baseline_row) != (context.data_time, context.baseline_row):
            state = Watch(
                context.data_time,
                context.baseline_row,
                severity=state.severity,
                onset=state.onset,
            )
        samples = block.samples(state.metric)
        finite = np.isfinite(samples.values)
        rows, values = samples.rows[finite], samples.values[finite]
        if not len(rows):
            return state, []
        base = baselines(state.trail, values)
        seen, events = state.trail.seen, list[Event]()
        for found in (*self._found(block, context, rows, values, base).tolist(), len(rows)):
            state, event = self._calmed(state, rows, seen, found)
            events += [event] if event else []
            if found < len(rows):
                spike = Spike(
                    int(rows[found]), seen + found, float(values[found]), float(base.median[found])
                )
                state, event = self._counted(state, spike, context, block)
                events += [event] if event else []
        return replace(state, trail=base.trail), events

    def _found(
        self, block: Block, context: Context, rows: Rows, values: Floats, base: Baselines
    ) -> NDArray[np.intp]:
        """Return which waits are spikes."""
        least = context.number("loader_spike_threshold") or self.least
        over = values > least
        if not over.any():
            return np.flatnonzero(over)
        limit = np.maximum(
            self.times_median * base.median, base.median + self.deviations * base.mad
        )
        found = np.flatnonzero(over & (values > limit))
        if not len(found):
            return found
        every = block.lane.samples(str(context.data_time))
        durations = block.lane.samples(next(iter(context.names(Role.STEP_TIME)), ""))
        ordinary = [
            opens_epoch(block, every, row) or opens_pass(every, durations, row)
            for row in rows[found].tolist()
        ]
        return found[~np.array(ordinary, dtype=np.bool_)]

    def _calmed(self, state: Watch, rows: Rows, seen: int, upto: int) -> tuple[Watch, Event | None]:
        """Return the state, and the end of the trouble if it came before sample `upto`."""
        if state.severity is None:
            return state, None
        last = state.spikes[-1].index if state.spikes else 0
        over = last + self.calm - seen
        if over >= upto:
            return state, None
        title = f"no loader spike for {self.calm} batches"
        event = Event(
            EventKind.CLEARED, int(rows[over]), state.onset, state.severity, title, state.metric
        )
        return replace(state, severity=None, spikes=(), told=0, count=0), event

    def _counted(
        self, state: Watch, spike: Spike, context: Context, block: Block
    ) -> tuple[Watch, Event | None]:
        """Return the state with one more spike, and what is decided there."""
        recent = tuple(s for s in state.spikes if s.index > spike.index - self.window)
        state = replace(state, spikes=(*recent, spike), count=state.count + 1)
        batches = min(spike.index + 1, self.window)
        rate = len(state.spikes) / batches
        if len(state.spikes) < self.few or rate < self.rate_info:
            return state, None
        share = self._share_of_time(state, block)
        warns = rate > self.rate_warning or share >= self.excess_warning
        severity = max(
            Severity.WARNING if warns else Severity.INFO, state.severity or Severity.INFO
        )
        if state.severity is None:
            kind, state = EventKind.OPENED, replace(state, onset=state.spikes[0].row)
        elif severity > state.severity:
            kind = EventKind.WORSENED
        elif state.count >= state.told * _TELLING:
            kind = EventKind.REPEATED
        else:
            return state, None
        state = replace(state, severity=severity, told=state.count)
        evidence = self._evidence(state, rate, share, batches, context, block)
        title = _title(evidence)
        return state, Event(kind, spike.row, state.onset, severity, title, state.metric, evidence)

    def _share_of_time(self, state: Watch, block: Block) -> float:
        """Return the share of wall time that the recent spikes took beyond the median wait."""
        last = state.spikes[-1]
        every = block.lane.samples(str(state.metric))
        begin, position = every.positions(state.baseline_row, last.row)
        first = every.rows[max(begin, position + 1 - self.window)]
        wall = float(block.times[last.row] - block.times[first])
        excess = sum(spike.wait - spike.median for spike in state.spikes)
        return excess / wall if wall > 0 else 0.0

    def _evidence(
        self,
        state: Watch,
        rate: float,
        share: float,
        batches: int,
        context: Context,
        block: Block,
    ) -> dict[str, Any]:
        worst = sorted(state.spikes, key=lambda spike: -spike.wait)[:_WORST]
        evidence: dict[str, Any] = {
            "spikes": len(state.spikes),
            "batches": batches,
            "rate": rate,
            "time_share": share,
            "median": state.spikes[-1].median,
            "max": worst[0].wait,
            "worst": [
                known(
                    {
                        "step": float(block.steps[spike.row]),
                        "wait": spike.wait,
                        **machine_at(context, block, spike.row),
                    }
                )
                for spike in worst
            ],
        }
        gaps = np.diff([spike.index for spike in state.spikes])
        evidence["spacing"] = float(np.median(gaps))
        workers, prefetch = context.number("num_workers"), context.number("prefetch_factor")
        if workers:
            evidence["buffered_batches"] = workers * (prefetch or _TORCH_PREFETCH)
        period = period_of(gaps)
        if period is not None:
            evidence["period"] = period
            evidence["matches"] = matches(period, context)
        return evidence

    @staticmethod
    def fires() -> list[Record]:
        """A wait of 4 ms with a stall of 0.3 s at every twelfth batch."""
        waits = np.random.default_rng(0).lognormal(np.log(0.004), 0.3, 240)
        waits[11::12] = 0.3
        times = 1e9 + np.cumsum(waits + 0.05)
        return [
            {"step": step, "time": float(times[step]), "data_time": float(waits[step])}
            for step in range(240)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Healthy log-normal waits."""
        waits = np.random.default_rng(1).lognormal(np.log(0.004), 0.5, 600)
        times = 1e9 + np.cumsum(waits + 0.05)
        return [
            {"step": step, "time": float(times[step]), "data_time": float(waits[step])}
            for step in range(600)
        ]


_TELLING = 1.05
"""Growth of the number of spikes at which the finding is told anew: often while they are few."""

_WORST = 5
"""Spikes that are shown one by one."""

_TORCH_PREFETCH = 2
"""Batches that torch's DataLoader prefetches per worker when nothing is said."""


def _title(evidence: Mapping[str, Any]) -> str:
    title = (
        f"{evidence['spikes']} of {evidence['batches']} batches waited "
        f"up to {1e3 * evidence['max']:.0f} ms (median {1e3 * evidence['median']:.2g} ms)"
    )
    if "period" in evidence:
        title += f", every {evidence['period']:.3g} batches"
    return title
