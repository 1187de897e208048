"""A loss or a gradient norm is NaN or infinite.

Looks for
---------
NaN or Inf in any loss, part of a loss, or gradient norm.

Why it matters
--------------
One NaN in the loss puts NaN into every weight at the next step. From then on the run computes
nothing, at full price.

Fires when
----------
At the first such value: an error for a training loss, a warning for a validation loss or a
gradient norm, which becomes an error when it stays for several records or reaches the loss. It
looks back over the last records and says what came first: a gradient that had grown, a loss scale
that had been halved, a learning rate that had risen, a loss that had spiked, or nothing at all,
which points at one bad batch. Where layers or a watched model tell more, it names the layer, module
or batch.

Stays quiet
-----------
On NaN in metrics (an average precision without objects of its class is NaN and healthy), and on
gaps. With a loss scale a gradient norm of Inf is how an overflow is found and its step skipped:
that is info, and stays info while the scale is still being halved. Inf in the first validation
alone is info too: some projects write it as "none yet".

What to do
----------
Stop, go back to the last good checkpoint, and follow what came first: halve the learning rate or
clip where the gradient grew; train in bfloat16 or raise eps where a loss scale collapsed; look at
the batch of that step where nothing announced it.

Sources
-------
Micikevicius et al., Mixed Precision Training (2018), for overflow as a signal of loss scaling.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("non-finite")
>>> events = [decision.event for decision in replay(rule, rule.fires())]
>>> [(event.kind.value, event.row, event.severity.word) for event in events[:2]]
[('opened', 41, 'error'), ('repeated', 42, 'error')]
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.stretches import told_at
from trainmon.gradients.forerunners import what_came_first, what_of, where_it_began
from trainmon.record import spell
from trainmon.roles import Role, RunRoles
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record, Samples
from trainmon.threshold import threshold

_LOSSES = (Role.TRAIN_LOSS, Role.VAL_LOSS, Role.LOSS_PART, Role.VAL_LOSS_PART)


@dataclass(frozen=True, slots=True)
class Streak:
    """An open run of non-finite values of a metric."""

    length: int = 0
    onset: int = 0
    severity: Severity = Severity.INFO
    title: str = ""
    """What was said of it first."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The metrics that are watched, and those that are not finite."""

    roles: RunRoles | None = None
    """Of which metrics `names` was made."""
    names: tuple[str, ...] = ()
    streaks: Mapping[str, Streak] = field(default_factory=lambda: MappingProxyType({}))
    """By metric; those that are finite have none."""


@dataclass(frozen=True)
class NonFinite(Rule[Watch]):
    """NaN or Inf in a loss or a gradient norm."""

    id = "non-finite"
    summary = "a loss or gradient norm is NaN or infinite; says what came first"
    needs = (
        Need(
            "train/loss or grad_norm",
            (*_LOSSES, Role.GRAD_NORM),
            'log.log({"train/loss": loss}, step=step)',
        ),
    )
    every_rank = True

    persistent: int = threshold(
        3, "records: a loss scaler recovers within one or two steps, a ruined model never"
    )
    persistent_scaled: int = threshold(
        20, "records of a gradient norm under a loss scale: 65,536 is halved to 1 in 16 of them"
    )
    back: int = threshold(200, "samples looked back over for what came first")
    growth: float = threshold(10.0, "times its median: what counts as a gradient that had grown")
    rise: float = threshold(1.5, "times its median: what counts as a learning rate that had risen")

    def watched(self, context: Context) -> Collection[str]:
        """Return the losses and gradient norms."""
        return context.names(*_LOSSES, Role.GRAD_NORM)

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge each loss and gradient norm; finite blocks cost one scan."""
        if state.roles is not context.roles:
            names = tuple(context.names(*_LOSSES, Role.GRAD_NORM))
            state = Watch(context.roles, names, state.streaks)
        if not state.streaks and _are_finite(block, state.names):
            return state, []
        streaks, events = dict(state.streaks), list[Event]()
        for name in state.names:
            samples, streak = block.samples(name), streaks.get(name, Streak())
            if len(samples) and (streak.length or not np.isfinite(samples.values).all()):
                streaks[name], found = self._judge(name, samples, streak, context, block)
                events += found
        events.sort(key=lambda event: event.row)
        still = {name: streak for name, streak in streaks.items() if streak.length}
        return replace(state, streaks=MappingProxyType(still)), events

    def _judge(
        self, name: str, samples: Samples, streak: Streak, context: Context, block: Block
    ) -> tuple[Streak, list[Event]]:
        """Walk the stretches of finite and of non-finite samples."""
        events = []
        bad = ~np.isfinite(samples.values)
        borders = np.flatnonzero(bad[1:] != bad[:-1]) + 1
        for start, stop in pairwise((0, *borders.tolist(), len(bad))):
            row, value = int(samples.rows[start]), float(samples.values[start])
            if not bad[start]:
                if streak.length:
                    events.append(self._event(EventKind.CLEARED, row, streak, name))
                streak = replace(streak, length=0)
                continue
            before = streak.length
            if not before:
                began = int(block.lane.samples(name).rows[0]) == row
                severity = self._severity(name, value, context, began=began)
                evidence = {"value": spell(value), **self._origin(context, block, row, began=began)}
                title = what_of(name, value, evidence)
                streak = replace(streak, onset=row, severity=severity, title=title)
                events.append(self._event(EventKind.OPENED, row, streak, name, evidence))
            length = before + stop - start
            patience = self._patience(name, context)
            streak = replace(streak, length=length)
            for told in told_at(before, length):
                worsens = told >= patience and streak.severity < Severity.ERROR
                if worsens:
                    streak = replace(streak, severity=Severity.ERROR)
                kind = EventKind.WORSENED if worsens else EventKind.REPEATED
                at = start + told - before - 1
                row, value = int(samples.rows[at]), float(samples.values[at])
                evidence = {"value": spell(value), "records": told}
                events.append(self._event(kind, row, streak, name, evidence))
        return streak, events

    def _event(
        self,
        kind: EventKind,
        row: int,
        streak: Streak,
        name: str,
        evidence: Mapping[str, Any] | None = None,
    ) -> Event:
        title = f"{name} is finite again" if kind == EventKind.CLEARED else streak.title
        if evidence and evidence.get("records", 1) > 1:
            title += f", {evidence['records']:,} records so far"
        return Event(kind, row, streak.onset, streak.severity, title, name, evidence or {})

    def _origin(
        self, context: Context, block: Block, row: int, *, began: bool
    ) -> dict[str, float | str]:
        """Return what came first, and where it began if that is told."""
        where = where_it_began(context, block, row)
        if began:
            return {"first": "start", **where}
        limits = (self.growth, self.rise)
        return {**what_came_first(context, block, row, self.back, limits), **where}

    def _severity(self, name: str, value: float, context: Context, *, began: bool) -> Severity:
        if name in context.names(Role.GRAD_NORM):
            return Severity.INFO if _is_scaled(context) else Severity.WARNING
        if name in context.names(Role.VAL_LOSS, Role.VAL_LOSS_PART):
            return Severity.INFO if began and np.isinf(value) else Severity.WARNING
        return Severity.ERROR

    def _patience(self, name: str, context: Context) -> int:
        """Return after how many records in a row a metric stays non-finite for good."""
        scaled = name in context.names(Role.GRAD_NORM) and _is_scaled(context)
        return self.persistent_scaled if scaled else self.persistent

    @staticmethod
    def fires() -> list[Record]:
        """A gradient grows for some records, then the loss is NaN for good."""
        return [
            {
                "step": step,
                "train/loss": 2.0 / (1 + 0.1 * step) if step < 41 else "NaN",
                "grad_norm": 1.0 if step < 35 else 5.0 ** (step - 34),
            }
            for step in range(60)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """NaN in a metric and a gap in the loss."""
        return [
            {"step": step, "train/loss": None if step == 20 else 1.0, "val/ap": "NaN"}
            for step in range(60)
        ]


def _are_finite(block: Block, names: tuple[str, ...]) -> bool:
    """Return whether all values of some metrics are finite; of one record it costs next to none."""
    for name in names:
        value = block.alone(name)
        if value is None:
            if not np.isfinite(block.samples(name).values).all():
                return False
        elif not isfinite(value):
            return False
    return True


def _is_scaled(context: Context) -> bool:
    """Return whether the loss is scaled: float16 needs that, bfloat16 does not."""
    precision = str(context.settings.get("precision", ""))
    return bool(context.names(Role.AMP_SCALE)) or ("16" in precision and "b" not in precision)
