"""The loss scale of mixed precision is halved again and again.

Looks for
---------
A loss scale that falls much faster than it grows, or has fallen to 1.

Why it matters
--------------
Each halving is a step that overflowed and was skipped. Where all of them overflow the scale falls
until small gradients are rounded to 0, and then the run learns nothing or ends in NaN.

Fires when
----------
The scale was halved more than 3 times within 100 steps, to an eighth or less; or it stands at 1 or
below after it was higher, which is an error.

Stays quiet
-----------
In the first 50 steps of a run and after a resume, where a scale that begins too high is halved
until it fits; while it is halved now and then, each time it has grown too far; where it is 1 from
the first record on, as in bfloat16, which needs none.

What to do
----------
Train in bfloat16 if the hardware has it. Else look for what overflows: a loss or a norm computed in
half precision, an eps below 6e-8, logits without a limit, a learning rate that is too high. Clip
gradients after they were unscaled.

Sources
-------
Micikevicius et al., Mixed Precision Training (2018), for overflow as a signal of loss scaling.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("loss-scale-collapse")
>>> events = [decision.event for decision in replay(rule, rule.fires())]
>>> [(event.severity.word, event.row) for event in (events[0], events[-1])]
[('warning', 203), ('error', 215)]
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import isfinite, log2, nan
from typing import NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Floats, Record, Rows
from trainmon.threshold import threshold


class Drop(NamedTuple):
    """A fall of the scale between two records."""

    row: int
    place: float
    """Its step, or its row where the log tells no steps."""
    halvings: float
    before: float
    """The scale before."""


class Watch(NamedTuple):
    """The scale so far."""

    metric: str | None = None
    baseline_row: int = 0
    begin: float = nan
    """The place of the first record since the baseline."""
    last: float = nan
    highest: float = 0.0
    drops: tuple[Drop, ...] = ()
    """The last ones, each within the window of the one after it."""
    told: float = 0.0
    """Halvings that were told last."""
    severity: Severity | None = None


@dataclass(frozen=True)
class LossScaleCollapse(Rule[Watch]):
    """A loss scale that is halved again and again."""

    id = "loss-scale-collapse"
    summary = "the loss scale is halved again and again, or has fallen to 1: float16 overflows"
    needs = (Need("amp/scale", (Role.AMP_SCALE,), "log.watch(model, optimizer, scaler=scaler)"),)

    window: float = threshold(100.0, "steps within which halvings are counted")
    halvings: float = threshold(3.5, "a scale that has grown too far is halved once in 100 steps")
    net: float = threshold(
        8.0, "times the scale in all: doublings between halvings are no collapse"
    )
    least: float = threshold(1.0, "a scale of 1 scales nothing: gradients below 6e-8 are lost")
    beginning: float = threshold(
        50.0, "steps in which the first scale, often 65,536, finds its place"
    )
    middle: float = threshold(
        1_000.0, "steps: a log that begins behind it does not show the beginning"
    )
    calm: float = threshold(200.0, "steps without a halving, after which it is over")

    def watched(self, context: Context) -> Collection[str]:
        """Return the scale that is judged, the first one of several."""
        return context.names(Role.AMP_SCALE)[:1]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Look at the records in which the scale is another than before."""
        names = context.roles.by_role.get(Role.AMP_SCALE)
        metric = names[0] if names else None
        same = state.metric == metric and state.baseline_row == context.baseline_row
        if same and not state.severity and block.alone(metric) == state.last:
            return state, []
        samples = block.samples(metric)
        finite = np.isfinite(samples.values)
        rows, values = samples.rows[finite], samples.values[finite]
        if not len(rows):
            return state, []
        if not same:
            state = self._anew(state, metric, context.baseline_row, _place(block, int(rows[0])))
        changes = np.flatnonzero(np.concatenate(((state.last,), values[:-1])) != values).tolist()
        events, at = list[Event](), 0
        for change in [*changes, len(rows)]:
            state, event = self._calmed(state, block, rows[at:change])
            events += [event] if event else []
            if change < len(rows):
                state, event = self._changed(state, block, int(rows[change]), float(values[change]))
                events += [event] if event else []
            at = change
        return state, events

    def _anew(self, state: Watch, metric: str | None, baseline_row: int, place: float) -> Watch:
        """Return the state at a new baseline; what is open stays so until it is calm."""
        again = state.metric == metric
        # The scale of a log that begins in the middle of a run has found its place long ago.
        begin = place if again or not place >= self.middle else -np.inf
        severity = state.severity if again else None
        drops = state.drops if severity else ()
        return Watch(metric, baseline_row, begin, drops=drops, severity=severity)

    def _calmed(self, state: Watch, block: Block, rows: Rows) -> tuple[Watch, Event | None]:
        """Return the state after records without a change, and the end of a collapse."""
        if not state.severity or not state.last > self.least or not len(rows):
            return state, None
        over = np.flatnonzero(_places(block, rows) >= state.drops[-1].place + self.calm)
        if not len(over):
            return state, None
        title = f"{state.metric} was not halved for {self.calm:.0f} steps"
        row, onset = int(rows[over[0]]), state.drops[0].row
        event = Event(EventKind.CLEARED, row, onset, state.severity, title, state.metric)
        return state._replace(severity=None, drops=(), told=0.0), event

    def _changed(
        self, state: Watch, block: Block, row: int, scale: float
    ) -> tuple[Watch, Event | None]:
        """Return the state with another scale, and what is decided of it."""
        last, highest = state.last, max(state.highest, scale)
        state = state._replace(last=scale, highest=highest)
        if not 0 <= scale < last:
            return state, None
        place = _place(block, row)
        before = block.before(state.metric, 1, row).rows
        earlier = _place(block, int(before[-1])) if len(before) else place
        drop = Drop(row, place, log2(last / scale) if scale > 0 else self.halvings, last)
        drops = tuple(d for d in state.drops if state.severity or d.place > place - self.window)
        if earlier >= state.begin + self.beginning or scale <= self.least:
            drops = (*drops, drop)[-_DROPS_KEPT:]
        state = state._replace(drops=drops)
        recent = [d for d in drops if d.place > place - self.window]
        count = sum(d.halvings for d in recent)
        spent = scale <= self.least < highest
        fell = count > self.halvings and scale <= max(d.before for d in recent) / self.net
        if not spent and not fell:
            return state, None
        return self._told(state, row, scale, count)

    def _told(
        self, state: Watch, row: int, scale: float, count: float
    ) -> tuple[Watch, Event | None]:
        """Return the state with the collapse told, if there is something new to tell."""
        severity = Severity.ERROR if scale <= self.least else Severity.WARNING
        kind = EventKind.OPENED
        if state.severity:
            severity = max(severity, state.severity)
            kind = EventKind.WORSENED if severity > state.severity else EventKind.REPEATED
        if kind == EventKind.REPEATED and count < _RETOLD * state.told:
            return state, None
        onset = state.drops[0].row if state.drops else row
        evidence = {"scale": scale, "halvings": count, "steps": self.window}
        evidence["highest"] = state.highest
        title = (
            f"{state.metric} was halved {count:.0f} times in {self.window:.0f} steps, to {scale:g}"
        )
        if severity == Severity.ERROR:
            title = f"{state.metric} has fallen from {state.highest:g} to {scale:g}"
        event = Event(kind, row, onset, severity, title, state.metric, evidence)
        return state._replace(severity=severity, told=count), event

    @staticmethod
    def fires() -> list[Record]:
        """A scale of 65,536 that is halved at each step from step 200 on."""
        scale = 65_536.0 * 0.5 ** np.clip(np.arange(260) - 199, 0, 20)
        return [{"step": step, "amp/scale": float(scale[step])} for step in range(260)]

    @staticmethod
    def quiet() -> list[Record]:
        """A scale that finds its place, and is halved each time that it was doubled."""
        scale = 65_536.0 * 0.5 ** np.clip(np.arange(900), 0, 10)
        scale[200::200] *= 2
        return [{"step": step, "amp/scale": float(scale[step])} for step in range(900)]


_DROPS_KEPT = 64
"""Drops that are remembered: from the largest scale that half precision bears to 1 there are 40."""

_RETOLD = 1.5
"""Times the halvings that were told last: then it is told anew."""


def _places(block: Block, rows: Rows) -> Floats:
    """Return the steps of some rows, or the rows themselves where the log tells none."""
    steps = block.steps[rows]
    return np.where(np.isfinite(steps), steps, rows)


def _place(block: Block, row: int) -> float:
    step = float(block.steps[row])
    return step if isfinite(step) else float(row)
