"""How bad it is that a learning rate stands at 0, or at a tiny floor, while the run goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from trainmon.context import Context
from trainmon.rule import Block, Severity, known


class Level(NamedTuple):
    """Where a learning rate stands."""

    rate: float
    peak: float
    """The highest rate before."""
    onset: int
    """The row from which on it stands there."""


@dataclass(frozen=True, slots=True)
class TooSoon:
    """How much of a run may be left when its schedule ends."""

    remains: float
    """Of the plan, at 0."""
    steps: float
    """Steps at 0: fewer are the pause of a restart."""
    unplanned: float
    """Of the steps so far, where no plan is told."""
    unplanned_steps: float
    """Steps at 0, likewise."""
    lost: float
    """Of the plan or of the steps so far: then it is an error."""
    floor_remains: float
    """Of the plan, at a floor that is not 0."""

    def severity(
        self, level: Level, context: Context, block: Block, row: int
    ) -> tuple[Severity | None, dict[str, Any]]:
        """Return how bad it is at a row that the rate still stands there, and the numbers."""
        step, begun = float(block.steps[row]), float(block.steps[level.onset])
        steps = step - begun if np.isfinite(step - begun) else float(row - level.onset)
        so_far = step if np.isfinite(step) else float(row)
        share = context.share_done(begun, float(block.epochs[level.onset]))
        evidence = known(
            {
                "value": level.rate,
                "peak": level.peak,
                "steps": steps,
                "share_done": np.nan if share is None else share,
            }
        )
        if share is not None:
            remains = self.remains if level.rate == 0 else self.floor_remains
            if share > 1 - remains or steps < self.steps:
                return None, evidence
            lost = steps >= self.lost * so_far / max(share, self.remains)
        else:
            wanted = max(self.unplanned * so_far, self.unplanned_steps)
            if level.rate != 0 or steps < wanted:
                return None, evidence
            lost = steps >= self.lost * so_far and steps >= 2 * self.unplanned_steps
        return Severity.ERROR if lost and level.rate == 0 else Severity.WARNING, evidence


def title_of(level: Level, name: str | None, evidence: Mapping[str, Any]) -> str:
    """Return what the numbers say in a line."""
    what = "0" if level.rate == 0 else f"at its floor of {level.rate:.3g}"
    title = f"{name} is {what} for {evidence['steps']:,.0f} steps"
    share = evidence.get("share_done")
    return title if share is None else f"{title}; it got there at {share:.0%} of the plan"
