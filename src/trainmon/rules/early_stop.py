"""The monitored metric has not become better for the whole of a patience.

Looks for
---------
The metric that the configuration monitors, or else the validation loss, without a new best for as
many evaluations as one would wait before stopping.

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
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.evaluations import noise
from trainmon.medians import median_of
from trainmon.record import EventKind
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, Need, Rule, Severity, known
from trainmon.rule import EventKind as Kind
from trainmon.store.batch import Record
from trainmon.threshold import threshold

_RECENT = 24
"""Evaluations whose second differences tell the noise."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a metric has waited for a better value; values are times `sign`: less is better."""

    sign: float
    baseline_row: int = 0
    """The row at which the run began, or was resumed."""
    read: int = 0
    recent: tuple[float, ...] = ()
    best: float = np.inf
    best_row: int = 0
    since: tuple[float, ...] = ()
    """The evaluations since the best one, the last of them."""
    waited: int = 0
    """How many there were."""
    opened: bool = False
    onset: int = 0
    told: int = 0
    """How many there were when it was told last."""


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
            (Role.VAL_LOSS,),
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
                events += _over(wait, name, row, f"{name} begins anew where the run was resumed")
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
            events = _over(wait, name, row, f"{name} is at a new best of {wait.sign * value:.4g}")
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
        evidence = _evidence(wait, row, block) | {"patience": patience, "configured": configured}
        kind, onset = (Kind.REPEATED, wait.onset) if wait.opened else (Kind.OPENED, wait.best_row)
        event = Event(kind, row, onset, Severity.INFO, _title(name, evidence), name, evidence)
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


def _deciding(context: Context) -> list[tuple[str, Direction]]:
    """Return the metric that decides: the monitored one, or else the validation loss."""
    monitored = context.monitored
    if monitored and monitored[1] != Direction.UNKNOWN:
        return [monitored]
    return [(context.val_loss, Direction.LOWER)] if context.val_loss else []


def _over(wait: Wait, name: str, row: int, title: str) -> list[Event]:
    """Return that a finding is over, if one is open."""
    event = Event(Kind.CLEARED, row, wait.onset, Severity.INFO, title, name)
    return [event] if wait.opened else []


def _evidence(wait: Wait, row: int, block: Block) -> dict[str, Any]:
    best = wait.best_row
    epochs, steps, seconds = (
        float(places[row] - places[best]) for places in (block.epochs, block.steps, block.times)
    )
    evidence: dict[str, Any] = {
        "best": wait.sign * wait.best,
        "best_step": float(block.steps[best]),
        "best_epoch": float(block.epochs[best]),
        "value": wait.sign * wait.since[-1],
        "evaluations_since": wait.waited,
        "epochs_since": epochs,
        "steps_since": steps,
        "seconds_since": seconds,
        "seconds_per_epoch": seconds / epochs if epochs > 0 else np.nan,
        "seconds_per_evaluation": seconds / wait.waited,
    }
    checkpoint = _checkpoint(block, best, row)
    return known(evidence | ({"checkpoint": checkpoint} if checkpoint else {}))


def _checkpoint(block: Block, best: int, row: int) -> str:
    """Return the path of the checkpoint that was written at the best evaluation, if one was."""
    step = float(block.steps[best])
    for event in Block(block.lane, max(0, best - _NEAR), row + 1).events:
        if event.kind == EventKind.CHECKPOINT and float(block.steps[event.row]) == step:
            return str(event.fields.get("path") or "")
    return ""


_NEAR = 8
"""Records before an evaluation in which its checkpoint may stand: mostly it stands behind."""


def _title(name: str, evidence: Mapping[str, Any]) -> str:
    """Return what is told: since when there was no better one, and what going on costs."""
    place = ""
    if "best_epoch" in evidence:
        place = f" of epoch {evidence['best_epoch']:.3g}"
    elif "best_step" in evidence:
        place = f" of step {evidence['best_step']:,.0f}"
    title = (
        f"{name} has not beaten the {evidence['best']:.4g}{place} "
        f"in {evidence['evaluations_since']} evaluations"
    )
    unit = "epoch" if "seconds_per_epoch" in evidence else "evaluation"
    seconds = evidence.get(f"seconds_per_{unit}", 0.0)
    if seconds < _SHORT:
        return title
    for name_of_unit, length in (("h", 3_600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= length:
            return f"{title}; each further {unit} costs {seconds / length:.3g} {name_of_unit}"
    return title


_SHORT = 1.0
"""Seconds that nobody minds."""
