"""The learning rate is far below what was configured, or below what any weights feel.

Looks for
---------
A learning rate a thousandth or less of the configured one, outside the tail of a schedule; without
a configuration, one so small that float32 weights do not move.

Why it matters
--------------
The run trains at full price and learns nothing. A unit was mistaken (3e-4 divided by the batch size
once more), a scheduler was stepped per batch instead of per epoch, or a multiplier of a group is
wrong.

Fires when
----------
For 50 steps and at least two whole cells of 8 records the rate lies below 1e-3 of the configured
one and it is neither rising, as in a warm-up, nor on its way to a planned end. A rate below 1e-7
that does not move is a warning whatever is configured, as updates of 1e-7 are lost in the rounding
of weights near 1.

Rising excuses a rate only while a warm-up may last: up to twice the warm-up that is configured, or
half of the plan where none is, or one that is longer than the plan. Behind that a rate which still
climbs from nearly nothing does not get anywhere: its warm-up counts to a number that the run never
reaches. Where neither a warm-up nor a plan is told, three whole epochs at rates below 1e-6 are
enough.

Stays quiet
-----------
During a warm-up, while one may last; in the last fifth of the plan; while the rate still falls
smoothly, as a decay does; on rates that are 0, which is another rule; on fine-tunes and
reinforcement learners that are configured with 1e-6.

What to do
----------
Compare the logged rate with the configured one at the same step, and count how often the scheduler
is stepped.

Sources
-------
Smith, Cyclical Learning Rates (2017), for the range test that shows where learning begins.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("lr-out-of-range")
>>> [(d.event.kind.value, d.event.severity.word) for d in replay(rule, rule.fires())]
[('opened', 'warning')]
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Record
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Watch:
    """Since when the rate has been too low."""

    baseline_row: int = 0
    peak: float = 0.0
    """The highest rate since the baseline."""
    cells: int = 0
    """Whole cells in a row that were too low."""
    last: float = np.nan
    """The rate of the last of them."""
    onset: int = 0
    opened: bool = False


@dataclass(frozen=True)
class LrOutOfRange(Rule[Watch]):
    """A learning rate that is far too low."""

    id = "lr-out-of-range"
    summary = "the learning rate is far below the configured one, or too small to move weights"
    needs = (
        Need(
            "lr",
            (Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE),
            'log.log({"lr": scheduler.get_last_lr()[0]}, step=step)',
        ),
    )

    of_configured: float = threshold(1e-3, "of the configured rate: no schedule stays there")
    absolute: float = threshold(1e-7, "the rounding of float32 weights near 1 is 6e-8")
    steps: float = threshold(50.0, "steps")
    cells: int = threshold(2, "cells of 8 records in a row")
    tail: float = threshold(0.8, "of the plan: behind it a schedule may end")
    moves: float = threshold(0.01, "of the rate from cell to cell: a schedule is at work")
    back: float = threshold(10.0, "times the limit: from here on it is over")
    rising: float = threshold(
        1e-6, "a rate that still rises below it: as little as any fine-tune is given"
    )
    epochs: float = threshold(
        3.0, "of a rate that still rises: fine-tunes of so little a rate take no more in all"
    )

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: whole cells are enough."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the learning rate."""
        return (context.learning_rate,) if context.learning_rate else ()

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Screen all cells at once; only rates below a limit are looked at one by one."""
        events = list[Event]()
        if state.baseline_row != context.baseline_row:
            state = replace(
                state, baseline_row=context.baseline_row, peak=0.0, cells=0, last=np.nan
            )
        digest = block.digest(context.learning_rate)
        new = slice(digest.since(block.start), None)
        high, rows = digest.high[new], digest.rows[new]
        if not state.opened and not (high < self._followed(context)).any():
            peak = max(state.peak, float(high.max(initial=0.0)))
            if peak > state.peak or state.last == state.last:
                state = replace(state, peak=peak, cells=0, last=np.nan)
            return state, events
        firsts = digest.first_rows[new]
        for first, row, rate in zip(firsts.tolist(), rows.tolist(), high.tolist(), strict=True):
            state, event = self._judge(state, context, block, (first, row, rate))
            events += [event] if event else []
        return state, events

    def _judge(
        self, state: Watch, context: Context, block: Block, cell: tuple[int, int, float]
    ) -> tuple[Watch, Event | None]:
        first_row, row, rate = cell
        limit = self._limit(context)
        state = replace(state, peak=max(state.peak, rate))
        if state.opened:
            if rate < self.back * limit:
                return state, None
            title = f"{context.learning_rate} is back at {rate:.3g}"
            event = Event(
                EventKind.CLEARED, row, state.onset, Severity.WARNING, title, context.learning_rate
            )
            return replace(state, opened=False, cells=0, last=np.nan), event
        falls = state.cells > 0 and rate < (1 - self.moves) * state.last
        rises = rate > (1 + self.moves) * state.last
        late = rises and self._is_overdue(context, block, row)
        if late and context.positive("lr") is None:
            limit = self.rising
        excused = falls or (rises and state.cells > 0 and not late)
        if not 0 < rate < limit or excused or self._in_tail(context, block, row):
            last = rate if rate < self._followed(context) else np.nan
            return replace(state, cells=0, last=last), None
        onset = state.onset if state.cells else first_row
        state = replace(state, cells=state.cells + 1, last=rate, onset=onset)
        steps = float(block.steps[row] - block.steps[onset])
        if state.cells < self.cells or not (steps >= self.steps or np.isnan(steps)):
            return state, None
        event = self._opened(state, context, row, rate, steps, rises=late)
        return replace(state, opened=True), event

    def _limit(self, context: Context) -> float:
        """Return the rate below which one that stands is too low."""
        return max(self.absolute, self.of_configured * (context.positive("lr") or 0.0))

    def _followed(self, context: Context) -> float:
        """Return the rate below which cells are looked at one by one."""
        return max(self._limit(context), self.rising)

    def _is_overdue(self, context: Context, block: Block, row: int) -> bool:
        """Return whether any warm-up had to be over, so that a rate that rises is in none."""
        limit, axis = context.plan.warmup_overdue, block.steps
        if limit is None and context.positive("lr") is None:
            limit, axis = self.epochs, block.epochs
        if limit is None:
            return False
        begun = float(axis[context.baseline_row]) if context.baseline_row else 0.0
        return float(axis[row]) - begun >= limit

    def _in_tail(self, context: Context, block: Block, row: int) -> bool:
        """Return whether a schedule may have come near its end."""
        share = context.share_done(float(block.steps[row]), float(block.epochs[row]))
        return share is not None and share > self.tail

    def _opened(
        self, state: Watch, context: Context, row: int, rate: float, steps: float, *, rises: bool
    ) -> Event:
        configured = context.positive("lr")
        evidence = known(
            {
                "value": rate,
                "configured": configured or np.nan,
                "factor": configured / rate if configured else np.nan,
                "peak": state.peak,
                "steps": steps,
            }
        )
        title = f"{context.learning_rate} stays at {rate:.3g}"
        if rises:
            title = f"{context.learning_rate} still rises in no warm-up and is at {rate:.3g}"
        if configured:
            title += f", {configured / rate:,.0f} times below the configured {configured:.3g}"
        name = context.learning_rate
        return Event(EventKind.OPENED, row, state.onset, Severity.WARNING, title, name, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A rate ten thousand times below the configured one."""
        config: Record = {"trainmon": 1, "config": {"lr": 3e-4, "total_steps": 2_000}}
        return [config, *({"step": step, "lr": 3e-8} for step in range(200))]

    @staticmethod
    def quiet() -> list[Record]:
        """A warm-up from nearly nothing, and a fine-tune that is configured with 1e-6."""
        config: Record = {"trainmon": 1, "config": {"lr": 1e-6, "total_steps": 400}}
        rates = [1e-6 * min(1.0, step / 100) for step in range(1, 400)]
        return [config, *({"step": step, "lr": rate} for step, rate in enumerate(rates))]
