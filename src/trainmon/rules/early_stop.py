"""The monitored metric has not become better for the whole of a patience.

Looks for
---------
The metric that the configuration monitors, or else the validation loss, without a new best for as
many evaluations as one would wait before stopping. Where neither is logged, the first validation
metric of which it is known which way it is better counts.

Why it matters
--------------
Every further epoch costs what it costs and has brought nothing so far, and the checkpoint worth
keeping lies behind.

Fires when
----------
The best evaluation is clear (those since are worse by half a percent and by more than the noise of
one), and since then there were as many as the configured ``patience``; without one 3, or a tenth of
the planned evaluations if that is more. It is info: whether to stop depends on what else is known.

Stays quiet
-----------
While a metric stands still, rises within its noise, or has just begun; in the last 2 % of the plan,
where there is nothing to save.

What to do
----------
Keep the checkpoint of the best evaluation. Stop, unless the schedule still lowers the learning
rate: then a last improvement often comes late.

Sources
-------
Prechelt, Early Stopping - But When? (1998).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("early-stop")
>>> first = replay(rule, rule.fires())[0].event
>>> first.evidence["best_epoch"], first.evidence["patience"], first.evidence["seconds_per_epoch"]
(4.0, 3, 60.0)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.deciding import Directed, monitored_or_first
from trainmon.evaluating.evaluations import noise
from trainmon.evaluating.waited import Wait, evidence_of, title_of
from trainmon.medians import median_of
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

_RECENT = 24
"""Evaluations whose second differences tell the noise."""


_MOST_PLANNED = 1e6
"""Evaluations of the longest plan: a senseless share of it that is done says more than any has."""


@dataclass(frozen=True)
class EarlyStop(Rule[Mapping[str, Wait]]):
    """A patience that is over."""

    id = "early-stop"
    summary = "the monitored metric has not become better for the whole of a patience"
    needs = (
        Need(
            "val/loss",
            (Role.VAL_LOSS, Role.VAL_METRIC),
            'log.log({"val/loss": loss}, step=step)',
            monitored=True,
        ),
    )
    worst = Severity.INFO

    patience: int = threshold(3, "evaluations without a better one, where none is configured")
    share: float = threshold(0.1, "of the planned evaluations, or of those so far, if that is more")
    noises: float = threshold(1.0, "times the noise of an evaluation by which a best is clear")
    margin: float = threshold(0.005, "of the best by which it is clear: less is no difference")
    late: float = threshold(0.98, "of the plan: behind it there is nothing to save")
    gap: float = threshold(1.25, "times as many evaluations as when it was told last")

    def watched(self, context: Context) -> Collection[str]:
        """Return the metric that decides."""
        return [name for name, _ in _deciding(context)]

    def begin(self) -> Mapping[str, Wait]:
        """Return the state before the first row."""
        return {}

    def step(
        self, state: Mapping[str, Wait], context: Context, block: Block
    ) -> tuple[Mapping[str, Wait], list[Event]]:
        """Count the evaluations since the best one."""
        waits, events = dict(state), list[Event]()
        for name, direction in _deciding(context):
            samples = block.samples(name)
            new = Wait(-1.0 if direction == Direction.HIGHER else 1.0, context.baseline_row)
            wait = waits.get(name, new)
            if wait.baseline_row != context.baseline_row and len(samples):
                row = int(samples.rows[0])
                events += wait.over(name, row, f"{name} begins anew where the run was resumed")
                wait = new
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
                if np.isfinite(value):
                    wait, now = self._judge(wait, name, row, wait.sign * value, context, block)
                    events += now
            waits[name] = wait
        return waits, events

    def _judge(
        self, wait: Wait, name: str, row: int, value: float, context: Context, block: Block
    ) -> tuple[Wait, list[Event]]:
        """Return the wait after one more evaluation and what is told of it."""
        wait = replace(wait, read=wait.read + 1, recent=(*wait.recent, value)[-_RECENT:])
        if value < wait.best:
            events = wait.over(name, row, f"{name} is at a new best of {wait.sign * value:.4g}")
            wait = replace(wait, best=value, best_row=row, since=(), waited=0, opened=False, told=0)
            return wait, events
        wait = replace(wait, since=(*wait.since, value)[-_RECENT:], waited=wait.waited + 1)
        patience, configured = self._patience(wait, row, context, block)
        if wait.waited < patience or wait.waited < wait.told * self.gap:
            return wait, []
        done = context.share_done(float(block.steps[row]), float(block.epochs[row]))
        gap = median_of(wait.since) - wait.best
        is_clear = gap > max(self.noises * noise(wait.recent), self.margin * abs(wait.best))
        if not is_clear or (done is not None and done >= self.late):
            return wait, []
        evidence = evidence_of(wait, row, block) | {"patience": patience, "configured": configured}
        again = wait.opened
        kind = EventKind.REPEATED if again else EventKind.OPENED
        onset = wait.onset if again else wait.best_row
        event = Event(kind, row, onset, Severity.INFO, title_of(name, evidence), name, evidence)
        return replace(wait, opened=True, onset=onset, told=wait.waited), [event]

    def _patience(self, wait: Wait, row: int, context: Context, block: Block) -> tuple[int, bool]:
        """Return how many evaluations are waited for, and whether the configuration says so."""
        told = context.positive("patience")
        if told:
            return max(1, round(told)), True
        done = context.share_done(float(block.steps[row]), float(block.epochs[row]))
        planned = min(wait.read / done, _MOST_PLANNED) if done and done > 0 else wait.read
        return max(self.patience, round(self.share * planned)), False

    @staticmethod
    def fires() -> list[Record]:
        """Best at epoch 4 of 40, and worse ever since."""
        values = (1.0, 0.8, 0.6, 0.5, 0.55, 0.56, 0.58, 0.6, 0.61)
        return [
            {"step": 100 * epoch, "epoch": epoch, "time": 1e9 + 60 * epoch, "val/loss": value}
            for epoch, value in enumerate(values, 1)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A loss that wavers around its level: the best is no better than the others."""
        values = (1.0, 0.7, 0.5, 0.48, 0.51, 0.47, 0.5, 0.46, 0.5, 0.47, 0.49, 0.465, 0.5, 0.47)
        return [
            {"step": 100 * epoch, "epoch": epoch, "time": 1e9 + 60 * epoch, "val/loss": value}
            for epoch, value in enumerate(values, 1)
        ]


def _deciding(context: Context) -> list[Directed]:
    """Return the metric that decides: the monitored one, the validation loss, or the first."""
    decides = monitored_or_first(context)
    if decides:
        return [decides]
    return [(context.val_loss, Direction.LOWER)] if context.val_loss else []
