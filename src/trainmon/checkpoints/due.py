"""Why a checkpoint is missing at an evaluation, and how bad that is."""

from dataclasses import dataclass
from typing import Literal

from trainmon.checkpoints.plan import is_inverted, missing_key
from trainmon.checkpoints.saved import Saving
from trainmon.context import Context
from trainmon.rule import Block, Severity

Reason = Literal["key absent", "mode inverted", "never beat its first value", "none written"]


@dataclass(frozen=True, slots=True)
class Due:
    """When a checkpoint is due."""

    confirm: int
    """Evaluations without one."""
    patient: int
    """Evaluations without a first one, for a warning."""
    unsaved: int
    """New bests without one, and twice as many as there ever were before one."""
    unsaved_alone: int
    """The same where one checkpoint alone, called the best, tells that bests are kept."""
    intervals: float
    """Times the widest interval between checkpoints."""
    regular: int
    """Checkpoints at least, before an interval means anything."""

    def at(
        self, state: Saving, row: int, context: Context, block: Block
    ) -> tuple[Reason, Severity] | None:
        """Return why a checkpoint is missing at an evaluation, and how bad that is."""
        if state.evaluations < self.confirm:
            return None
        found: tuple[Reason, Severity] | None = None
        late = state.since >= self.confirm
        if state.wanted or state.by_metric >= self.confirm:
            improves = state.is_new or state.unsaved > 0
            if is_inverted(context) and state.since and improves:
                found = "mode inverted", Severity.WARNING
            elif late and missing_key(context):
                found = "key absent", Severity.WARNING
            elif late and not state.checkpoints:
                stuck = not state.best > state.first
                patient = state.since >= self.patient
                reason: Reason = "never beat its first value" if stuck else "none written"
                found = reason, Severity.WARNING if patient else Severity.INFO
            elif (
                (state.by_metric or context.monitored)
                and state.checkpoints
                and state.unsaved >= self.unsaved * (1 + state.most_unsaved)
            ):
                found = "none written", Severity.WARNING
        elif state.bests and state.unsaved >= self.unsaved_alone * (1 + state.most_unsaved):
            found = "none written", Severity.WARNING
        elif late and state.regardless >= self.regular and state.widest > 0:
            apart = float(block.steps[row] - block.steps[state.last_row])
            if apart > self.intervals * state.widest:
                found = "none written", Severity.WARNING
        return found
