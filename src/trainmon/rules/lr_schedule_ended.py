"""The learning rate has reached its end while the run goes on.

Looks for
---------
A learning rate that fell to exactly 0, or to a floor far below its peak, and stays there.

Why it matters
--------------
A step with a learning rate of 0 changes nothing: the machines compute gradients that are thrown
away. It happens where a schedule was planned for fewer steps than the run has, or is stepped once
per batch where it counts epochs.

Fires when
----------
The rate was above 0 and is exactly 0 for at least 50 steps, and more than 5 % of the planned steps
remain; without a plan, for a tenth of the steps so far and at least 100. It becomes an error at a
fifth. A constant floor below a thousandth of the peak is a warning too, where more than a fifth of
the plan remains; a higher floor is meant. And where the rate has been below a hundredth of its peak
for 60 % of the run behind that peak, the schedule was shorter than the run, whatever its form.

Stays quiet
-----------
At the end of a plan; on rates that are 0 from the first record to the last, which a console rounded
away; on floors of a hundredth of the peak and above, which schedules have by design; on a rate of 0
at the first step of a warm-up.

What to do
----------
Set the length of the schedule to the planned steps, or step it once per optimizer step if it counts
steps and once per epoch if it counts epochs. Stop the run: its weights do not change any more.

Sources
-------
Loshchilov and Hutter, SGDR (2017), for the cosine that is 0 at its end and not before.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("lr-schedule-ended")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.evidence["share_done"] < 0.6
('warning', True)
"""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.ended_schedule import Level, TooSoon, title_of
from trainmon.courses.low_rate import LowRate, TooLow, spent
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


class Ending(NamedTuple):
    """How the learning rate stands since the baseline."""

    baseline_row: int = 0
    peak: float = 0.0
    level: float = -1.0
    """The value at which it has stood for whole cells; -1 if it does not stand at a low one."""
    onset: int = 0
    """The row from which on it has stood there."""
    severity: Severity | None = None
    low: LowRate = LowRate()
    spent: bool = False
    """Whether it was told that most of the run was spent at a rate of almost nothing."""


@dataclass(frozen=True)
class LrScheduleEnded(Rule[Ending]):
    """A schedule that ended before the run."""

    id = "lr-schedule-ended"
    summary = "the learning rate is 0, or at a tiny floor, while much of the run remains"
    needs = (
        Need(
            "lr",
            (Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE),
            'log.log({"lr": scheduler.get_last_lr()[0]}, step=step)',
        ),
    )

    remains: float = threshold(0.05, "of the plan: a schedule may be that much too short")
    steps: float = threshold(50.0, "steps at 0: fewer are the pause of a restart")
    unplanned: float = threshold(0.1, "of the steps so far, where no plan is told")
    unplanned_steps: float = threshold(100.0, "steps at 0, likewise")
    lost: float = threshold(0.2, "of the plan or of the steps so far: then it is an error")
    floor: float = threshold(1e-3, "of the peak: schedules end at a tenth or a hundredth by design")
    floor_remains: float = threshold(0.2, "of the plan, at a floor that is not 0")

    tiny: float = threshold(1e-2, "of the peak: a cosine spends 6 % of its length below it")
    spent: float = threshold(0.6, "of the run behind the peak: decays in steps spend a third there")
    fewest: int = threshold(8, "rates behind the peak")

    @cached_property
    def _too_soon(self) -> TooSoon:
        return thresholds(TooSoon, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the learning rate: logs of few records have few cells."""
        return (context.learning_rate,) if context.learning_rate else ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the learning rate."""
        return (context.learning_rate,) if context.learning_rate else ()

    def begin(self) -> Ending:
        """Return the state before the first row."""
        return Ending()

    def step(self, state: Ending, context: Context, block: Block) -> tuple[Ending, list[Event]]:
        """Look at the cells in which the rate stood still; decide at the end of each."""
        events = list[Event]()
        if state.baseline_row != context.baseline_row:
            events += self._cleared(state, context, context.baseline_row)
            state = Ending(context.baseline_row, spent=state.spent)
        state, told = self._spend(state, context, block)
        state, others = self._stand(state, context, block)
        return state, sorted((*events, *told, *others), key=lambda event: event.row)

    def _spend(self, state: Ending, context: Context, block: Block) -> tuple[Ending, list[Event]]:
        """Return that most of the run was spent at a rate of almost nothing, once."""
        rates = block.samples(context.learning_rate)
        if state.spent or not len(rates):
            return state, []
        limits = TooLow(self.tiny, self.spent, self.fewest, self.unplanned_steps)
        low, found = spent(state.low, rates, block.steps, limits)
        state = state._replace(low=low)
        if found is None:
            return state, []
        row, low = found
        onset_step, step = float(block.steps[low.onset]), float(block.steps[row])
        share = context.share_done(onset_step, float(block.epochs[low.onset]))
        if share is not None and share > 1 - self.floor_remains:
            return state, []
        value = float(rates.values[rates.positions(row)[0]])
        evidence = known(
            {
                "value": value,
                "peak": low.peak,
                "steps": step - onset_step,
                "share_done": np.nan if share is None else share,
            }
        )
        name = context.learning_rate
        title = (
            f"{name} has been below {self.tiny:.0%} of its peak of {low.peak:.3g} since step "
            f"{onset_step:,.0f}"
        )
        event = Event(EventKind.OPENED, row, low.onset, Severity.WARNING, title, name, evidence)
        return state._replace(spent=True), [event]

    def _stand(self, state: Ending, context: Context, block: Block) -> tuple[Ending, list[Event]]:
        """Return what is decided on cells in which the rate stood still."""
        events = list[Event]()
        digest = block.digest(context.learning_rate)
        new = slice(digest.since(block.start), None)
        low, high, rows = digest.low[new], digest.high[new], digest.rows[new]
        if not len(rows):
            return state, []
        most = max(state.peak, np.maximum.reduce(high).item())
        if state.level < 0 and np.minimum.reduce(high) > self.floor * most:
            return state if most == state.peak else state._replace(peak=most), []
        peaks = np.maximum.accumulate(np.concatenate(([state.peak], np.nan_to_num(high))))[1:]
        stands = (low == high) & (high <= self.floor * peaks) & (peaks > 0)
        if not stands.any():
            events += self._cleared(state, context, int(rows[0]))
            peak = float(peaks[-1])
            return state._replace(peak=peak, level=-1.0, onset=0, severity=None), events
        firsts = digest.first_rows[new]
        levels = np.where(stands, high, -1.0)
        borders = np.flatnonzero(levels[1:] != levels[:-1]) + 1
        for start, stop in pairwise((0, *borders.tolist(), len(rows))):
            state = state._replace(peak=float(peaks[stop - 1]))
            if levels[start] != state.level:
                events += self._cleared(state, context, int(rows[start]))
                onset = int(firsts[start])
                state = state._replace(level=float(levels[start]), onset=onset, severity=None)
            if stands[start]:
                state, told = self._judge(state, context, block, rows[start:stop].tolist())
                events += told
        return state, events

    def _judge(
        self, state: Ending, context: Context, block: Block, rows: list[int]
    ) -> tuple[Ending, list[Event]]:
        """Return what is decided over cells at one level, which end in these rows.

        The longer it lasts the worse it is, so the row at which it is bad enough is found by
        bisection.
        """
        events, level = list[Event](), Level(state.level, state.peak, state.onset)
        name = context.learning_rate
        for wanted in (Severity.WARNING, Severity.ERROR):
            if state.severity is not None and wanted <= state.severity:
                continue

            def reached(row: int, wanted: Severity = wanted) -> bool:
                return (self._too_soon.severity(level, context, block, row)[0] or 0) >= wanted

            at = bisect_left(rows, True, key=reached)  # noqa: FBT003 - False comes before True
            if at == len(rows):
                break
            severity, evidence = self._too_soon.severity(level, context, block, rows[at])
            if severity is None:
                break
            kind = EventKind.WORSENED if state.severity else EventKind.OPENED
            title = title_of(level, name, evidence)
            events.append(Event(kind, rows[at], state.onset, severity, title, name, evidence))
            state = state._replace(severity=severity)
        return state, events

    @staticmethod
    def _cleared(state: Ending, context: Context, row: int) -> list[Event]:
        if state.severity is None:
            return []
        title = f"{context.learning_rate} has risen again"
        return [
            Event(EventKind.CLEARED, row, state.onset, state.severity, title, context.learning_rate)
        ]

    @staticmethod
    def fires() -> list[Record]:
        """A linear schedule of half the length of the run."""
        config: Record = {"trainmon": 1, "config": {"total_steps": 600, "lr": 0.1}}
        rates = [max(0.0, 0.1 * (1 - step / 300)) for step in range(600)]
        return [config, *({"step": step, "lr": rate} for step, rate in enumerate(rates))]

    @staticmethod
    def quiet() -> list[Record]:
        """A cosine that ends with the plan, and a warm-up that begins at 0."""
        config: Record = {"trainmon": 1, "config": {"total_steps": 600, "lr": 0.1}}
        rates = [
            0.1 * min(step / 60, 0.5 + 0.5 * float(np.cos(np.pi * min(1.0, step / 590))))
            for step in range(600)
        ]
        return [config, *({"step": step, "lr": rate} for step, rate in enumerate(rates))]
