"""How long a metric has waited for a better value, and what is said of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainmon.record import EventKind as LogEventKind
from trainmon.rule import Block, Event, EventKind, Severity, known


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

    def over(self, name: str, row: int, title: str) -> list[Event]:
        """Return that a finding is over, if one is open."""
        event = Event(EventKind.CLEARED, row, self.onset, Severity.INFO, title, name)
        return [event] if self.opened else []


def evidence_of(wait: Wait, row: int, block: Block) -> dict[str, Any]:
    """Return the numbers: the best, what came since, and what going on costs."""
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
        if event.kind == LogEventKind.CHECKPOINT and float(block.steps[event.row]) == step:
            return str(event.fields.get("path") or "")
    return ""


_NEAR = 8
"""Records before an evaluation in which its checkpoint may stand: mostly it stands behind."""


def title_of(name: str, evidence: Mapping[str, Any]) -> str:
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
