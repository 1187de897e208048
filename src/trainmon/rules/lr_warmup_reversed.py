"""The learning rate falls where it should rise.

Looks for
---------
A warm-up that runs backwards, or does not happen: the rate is highest at its first step.

Why it matters
--------------
The first steps, in which gradients are largest and the optimizer knows nothing yet, are taken at
the full rate, and the rest at almost none. The run is thrown off and then stands still, and the
loss looks as if the model could not learn.

Fires when
----------
With a configured warm-up: half of its steps are over, the rate was highest at the first of them and
has fallen by a tenth or more since; or all of them are over and it never rose by a tenth of its
peak. Without one: the rate has fallen below a hundredth of its first value within the first 5 % of
the plan; where no plan is told, of the steps so far, and has not come back up since.

Stays quiet
-----------
On a decay without a warm-up; on a first rate of 0; on a group of biases whose rate starts high and
falls in the warm-up, as in YOLO, as long as another group rises; on schedules with restarts, whose
rate comes back; on a warm-up of fewer than 4 logged rates.

What to do
----------
Look at the factor of the schedule at steps 0, 1 and at the end of the warm-up: it is to go from
near 0 to 1. With LambdaLR that is `min(1.0, (step + 1) / warmup_steps)`.

Sources
-------
Goyal et al., Accurate, Large Minibatch SGD (2017), for the gradual warm-up.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("lr-warmup-reversed")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.onset, event.evidence["warmup_steps"]
('warning', 1, 200.0)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity, known
from trainmon.store.batch import Record, Rows
from trainmon.threshold import threshold

_LOOKED_AT = 1_024
"""Rates looked back over: a warm-up of more records is judged by the last of them."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The beginning of the schedule."""

    first: float = np.nan
    first_row: int = -1
    settled: bool = False
    """Whether the warm-up has been judged: it comes once in a run."""
    low_row: int = -1
    """The row at which the rate had fallen to almost nothing."""


@dataclass(frozen=True)
class LrWarmupReversed(Rule[Watch]):
    """A warm-up that falls."""

    id = "lr-warmup-reversed"
    summary = "the learning rate falls in its warm-up, or the configured warm-up does not rise"
    needs = (
        Need(
            "lr",
            (Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE),
            'log.log({"lr": scheduler.get_last_lr()[0]}, step=step)',
        ),
    )

    half: float = threshold(0.5, "of the warm-up: before it a fall may be the first logged rates")
    fallen: float = threshold(0.1, "of the first rate: less is rounding, or a slow decay")
    rise: float = threshold(1.1, "times the first rate: a warm-up rises at least that much")
    fewest: int = threshold(4, "logged rates of the warm-up")
    early: float = threshold(0.05, "of the plan: no schedule decays to a hundredth within it")
    tiny: float = threshold(1e-2, "of the first rate: what it has fallen to then")
    back: float = threshold(0.1, "of the first rate: a schedule that comes back to it restarts")

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
        """Judge the beginning of the schedule, once."""
        if state.settled or context.baseline_row > max(0, state.first_row):
            return state, []
        digest = block.digest(context.learning_rate)
        new = slice(digest.since(block.start), None)
        if state.first_row < 0:
            state = _begun(context, block)
        if state.first_row < 0 or not len(digest.rows[new]):
            return state, []
        warmup = context.positive("warmup_steps")
        steps = block.steps[digest.rows[new]]
        if warmup and np.isfinite(steps).all():
            return self._configured(state, context, block, warmup)
        return self._unconfigured(state, context, block)

    def _configured(
        self, state: Watch, context: Context, block: Block, warmup: float
    ) -> tuple[Watch, list[Event]]:
        """Judge a warm-up of so many steps, cell by cell until it is over."""
        digest = block.digest(context.learning_rate)
        for row in digest.rows[digest.since(block.start) :].tolist():
            step = float(block.steps[row])
            samples = block.before(context.learning_rate, _LOOKED_AT, row + 1)
            inside = samples.values[block.steps[samples.rows] <= warmup]
            over = step >= warmup
            if len(inside) >= self.fewest:
                last = float(inside[-1])
                falls = last <= (1 - self.fallen) * state.first
                rises = float(inside.max()) > self.rise * state.first
                if not rises and (over or (falls and step >= self.half * warmup)):
                    rises = self._another_group_rises(context, block, row)
                    evidence = {"first": state.first, "value": last, "warmup_steps": warmup}
                    title = _title(context, evidence, falls=falls)
                    told = [] if rises else [_opened(state, context, row, title, evidence)]
                    return _settled(state), told
                over = over or rises
            if over:
                return _settled(state), []
        return state, []

    def _unconfigured(
        self, state: Watch, context: Context, block: Block
    ) -> tuple[Watch, list[Event]]:
        """Judge a fall without a configured warm-up by how early it was."""
        digest = block.digest(context.learning_rate)
        new = slice(digest.since(block.start), None)
        rows, low, high = digest.rows[new], digest.low[new], digest.high[new]
        if state.low_row < 0:
            fallen = np.flatnonzero(high <= self.tiny * state.first)
            risen = np.flatnonzero(high > self.rise * state.first)
            if len(risen) and not (len(fallen) and fallen[0] < risen[0]):
                return _settled(state), []
            if not len(fallen):
                return state, []
            at = int(fallen[0])
            state = Watch(state.first, state.first_row, low_row=int(rows[at]))
            rows, low, high = rows[at:], low[at:], high[at:]
        due = self._due(state, context, block, rows)
        back = np.flatnonzero(high > self.back * state.first)
        if due is None:
            return (_settled(state), []) if len(back) else (state, [])
        if due < 0 or (len(back) and back[0] <= due):
            return _settled(state), []
        row, steps = int(rows[due]), float(block.steps[state.low_row])
        if self._another_group_rises(context, block, row):
            return _settled(state), []
        evidence = known({"first": state.first, "value": float(low[due]), "steps": steps})
        return _settled(state), [
            _opened(state, context, row, _title(context, evidence, falls=True), evidence)
        ]

    def _due(self, state: Watch, context: Context, block: Block, rows: Rows) -> int | None:
        """Return the cell at which the fall is known to be early; -1 if it is not, None if not yet.

        Where no plan is told it shows by how long the run goes on.
        """
        low_step, low_epoch = float(block.steps[state.low_row]), float(block.epochs[state.low_row])
        share = context.share_done(low_step, low_epoch)
        if share is not None:
            return 0 if share <= self.early else -1
        places, low = block.steps[rows], low_step
        if not np.isfinite(places).all():
            places, low = rows.astype(np.float64), float(state.low_row)
        reached = np.flatnonzero(places >= low / self.early)
        return int(reached[0]) if len(reached) else None

    def _another_group_rises(self, context: Context, block: Block, row: int) -> bool:
        """Return whether the rate of any group has risen since the run began."""
        for name in context.names(Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE):
            rates = block.before(name, _LOOKED_AT, row + 1).values
            rates = rates[rates > 0]
            if len(rates) and rates.max() > self.rise * rates[0]:
                return True
        return False

    @staticmethod
    def fires() -> list[Record]:
        """A warm-up whose factor goes from 1 to 0."""
        config: Record = {"trainmon": 1, "config": {"lr": 3e-4, "warmup_steps": 200}}
        rates = [3e-4 * max(1e-3, 1 - step / 200) for step in range(300)]
        return [config, *({"step": step, "lr": rate} for step, rate in enumerate(rates))]

    @staticmethod
    def quiet() -> list[Record]:
        """A warm-up that rises from 0, and then decays."""
        config: Record = {"trainmon": 1, "config": {"lr": 3e-4, "warmup_steps": 200}}
        rates = [3e-4 * min(step / 200, 0.99 ** max(0, step - 200)) for step in range(600)]
        return [config, *({"step": step, "lr": rate} for step, rate in enumerate(rates))]


def _begun(context: Context, block: Block) -> Watch:
    """Return the state with the first rate above 0, if there is one yet."""
    every = block.lane.samples(context.learning_rate)
    first, last = every.positions(block.baseline_row, block.stop)
    positive = np.flatnonzero(every.values[first : min(last, first + _LOOKED_AT)] > 0)
    if not len(positive):
        return Watch()
    at = first + int(positive[0])
    return Watch(float(every.values[at]), int(every.rows[at]))


def _settled(state: Watch) -> Watch:
    return Watch(state.first, state.first_row, settled=True)


def _opened(
    state: Watch, context: Context, row: int, title: str, evidence: dict[str, float]
) -> Event:
    name = context.learning_rate
    return Event(EventKind.OPENED, row, state.first_row, Severity.WARNING, title, name, evidence)


def _title(context: Context, evidence: dict[str, float], *, falls: bool) -> str:
    first, value = evidence["first"], evidence["value"]
    what = f"fell from {first:.3g} to {value:.3g}" if falls else f"stood at {value:.3g}"
    warmup = evidence.get("warmup_steps")
    if warmup:
        return f"{context.learning_rate} {what} in a warm-up of {warmup:,.0f} steps"
    steps = evidence.get("steps")
    early = f" within the first {steps:,.0f} steps" if steps is not None else " early in the run"
    return f"{context.learning_rate} {what}{early}"
