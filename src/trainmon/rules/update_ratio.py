"""The weights do not move, or move by too much at each step.

Looks for
---------
A size of the updates beside that of the weights, |update| / |weight|, that is exactly 0, or far
from the usual thousandth.

Why it matters
--------------
It is the learning rate as the weights feel it, whatever the optimizer, the clipping and the decay
make of it. Exactly 0 is the plainest sign of frozen weights: the optimizer holds other parameters
than the model, they do not require gradients, or its step is never made. Below a hundred thousandth
the weights change by a tenth in 10,000 steps; above a tenth they are replaced every ten.

Fires when
----------
The ratio is exactly 0 in 16 records over 100 steps, which is an error. Over 100 steps its median,
in each of 3 groups of 8 records, is below 1e-5 of the weights (of what the learning rate leaves of
that, where it has fallen from its peak), or above 1e-1; that is a warning, unless the training loss
has fallen all the same: then it is info. It names the layer that leads.

Stays quiet
-----------
Before the warm-up is over; while the learning rate is 0, as at step 0 of a warm-up or where the
schedule has ended; in the tail of a schedule, where the ratio falls along with the rate.

What to do
----------
At 0: `optimizer = Adam(model.parameters())` after the model has its final parameters, one
`optimizer.step()` per update, `requires_grad` of what should learn. Too small: raise the learning
rate tenfold, and see whether clipping shrinks each step. Too large: lower it tenfold.

Sources
-------
Karpathy, cs231n notes (2015): the ratio of updates to weights should be about 1e-3.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("update-ratio")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.title
('error', 'the weights do not move: update_ratio is exactly 0 in 16 records')
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, isfinite, nan
from typing import Any, NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.courses.cells import has_new, loss_began, loss_fallen, rate_at
from trainmon.courses.lasting import WELL, Lasting, Turn, Windows, follow, steps_apart, windows
from trainmon.digest import CELL, KEPT, Digest
from trainmon.finite import finite
from trainmon.gradients.leading_layers import largest, leading_update, smallest
from trainmon.gradients.update_sizes import UpdateSizes, highest_rates
from trainmon.medians import median_of
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


class Watch(NamedTuple):
    """The ratio so far."""

    metric: str | None = None
    baseline_row: int = 0
    apart: float = nan
    """Steps from one record to the next."""
    first: float = nan
    """The level of the first losses."""
    highest_rate: float = 0.0
    lasting: Lasting = WELL
    severity: Severity = Severity.INFO
    """What was told last, while something is open."""


@dataclass(frozen=True)
class UpdateRatio(Rule[Watch]):
    """Updates that are 0, or far too small or large beside the weights."""

    id = "update-ratio"
    summary = "the weights do not move, or by too little or too much at each step"
    needs = (Need("update_ratio", (Role.UPDATE_RATIO,), "log.watch(model, optimizer)"),)

    lowest: float = threshold(1e-5, "of the weights: a hundredth of the usual update")
    highest: float = threshold(1e-1, "of the weights: a hundred times the usual update")
    steps: float = threshold(100.0, "steps over which it lasts")
    zeros: int = threshold(2, "cells of 8 records at least: exact numbers need no more")
    confirmations: int = threshold(3, "cells of 8 records at least, whose medians all lie outside")
    warm: float = threshold(0.1, "of the configured rate: from here on weights move visibly")
    tail: float = threshold(0.01, "of the highest rate: below it a schedule is at its end")
    inside: float = threshold(2.0, "times within the limits: there it is over")
    fallen: float = threshold(0.1, "of the first loss: a run whose loss falls learns all the same")

    @cached_property
    def _sizes(self) -> UpdateSizes:
        return thresholds(UpdateSizes, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: cells are enough."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the ratio, and the loss and the learning rate beside it."""
        names = (context.update_ratio, context.train_loss, context.learning_rate)
        return [name for name in names if name]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge the new cells: all at once where nothing is the matter."""
        if not isfinite(state.first):
            state = state._replace(first=loss_began(context, block))
        digest, rates = block.digest(context.update_ratio), block.digest(context.learning_rate)
        events = list[Event]()
        if has_new(digest, block):
            if state.metric != context.update_ratio or state.baseline_row != context.baseline_row:
                state = self._anew(state, context, block)
            well = not state.lasting.bad and state.lasting.severity is None
            new = digest.median[digest.since(block.start) :]
            if not (well and self._sizes.are_usual(new)):
                state, events = self._over_cells(state, context, block, rates)
        if has_new(rates, block):
            highest = float(np.fmax.reduce(rates.high[rates.since(block.start) :]))
            if highest > state.highest_rate:
                state = state._replace(highest_rate=highest)
        return state, events

    def _over_cells(
        self, state: Watch, context: Context, block: Block, rates: Digest
    ) -> tuple[Watch, list[Event]]:
        """Judge the new cells of the ratio."""
        every = windows(block.digest(state.metric), block.start)
        told = max(state.highest_rate, context.positive("lr") or 0.0)
        highest = highest_rates(told, block, every, rates)
        levels, calm = self._sizes.levels(context, block, every, highest)
        apart = state.apart if isfinite(state.apart) else 1.0
        lasting = ceil(self.steps / (CELL * apart))
        needed, zeros = max(self.confirmations, lasting), max(self.zeros, lasting)
        held, turns = follow(state.lasting, every, levels, calm, needed, zeros)
        state, events = state._replace(lasting=held), list[Event]()
        for turn in turns:
            if levels[turn.place] or turn.kind == EventKind.CLEARED:
                state, event = self._told(state, context, block, every, turn)
                events.append(event)
        return state, events

    def _anew(self, state: Watch, context: Context, block: Block) -> Watch:
        """Return the state at a new baseline; what is open stays so."""
        name = context.update_ratio
        kept = state.lasting.anew() if state.metric == name else WELL
        apart = steps_apart(block, block.digest(name))
        row = context.baseline_row
        return Watch(name, row, apart, state.first, 0.0, kept, state.severity)

    def _told(
        self, state: Watch, context: Context, block: Block, every: Windows, turn: Turn
    ) -> tuple[Watch, Event]:
        """Return the event of a turn, and the state with what it said."""
        name = str(state.metric)
        if turn.kind == EventKind.CLEARED:
            event = replace(turn.event(f"{name} is usual again", name, {}), severity=state.severity)
            return state._replace(severity=Severity.INFO), event
        severity = Severity.ERROR if turn.severity > Severity.INFO else Severity.WARNING
        if severity < Severity.ERROR:
            gone = loss_fallen(context, block, state.first, turn.row)
            severity = Severity.INFO if gone >= self.fallen else Severity.WARNING
        kind = turn.kind
        if kind != EventKind.OPENED:
            kind = EventKind.WORSENED if severity > state.severity else EventKind.REPEATED
            severity = max(severity, state.severity)
        place = int(every.first[turn.place])
        onset = int(every.digest.since(turn.onset))
        medians = every.digest.median[max(onset, place + 1 - KEPT) : place + 1]
        leads = largest if medians[-1] > self.highest else smallest
        evidence = {
            "median": median_of(finite(medians)),
            "records": CELL * (place + 1 - onset),
            "lr": rate_at(context, block, turn.row),
            **leading_update(context, block, turn.row, leads),
        }
        event = replace(
            turn.event(_title(name, evidence), name, evidence), kind=kind, severity=severity
        )
        return state._replace(severity=severity), event

    @staticmethod
    def fires() -> list[Record]:
        """A run whose optimizer holds the parameters of another model."""
        return [
            {"step": 10 * at, "lr": 0.001, "train/loss": 2.3, "update_ratio": 0.0}
            for at in range(60)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Updates that get smaller with the learning rate, down to nothing at its end."""
        rate = np.maximum(0.001 * np.cos(np.arange(400) / 400 * np.pi / 2) - 1e-6, 0.0)
        rate[-40:] = 0.0
        return [
            {"step": at, "lr": float(rate[at]), "train/loss": 2.3, "update_ratio": float(rate[at])}
            for at in range(400)
        ]


def _title(metric: str, evidence: Mapping[str, Any]) -> str:
    median = evidence["median"]
    if median == 0:
        return f"the weights do not move: {metric} is exactly 0 in {evidence['records']} records"
    return f"an update changes the weights by {median:.2g} of their size, usual is about 0.001"
