"""What is remembered of a run that is asked whether it learns, and when it is said no longer."""

from dataclasses import dataclass, field

import numpy as np

from trainmon.courses.streak import Streak
from trainmon.learning.at_chance import Says, Verdict
from trainmon.learning.loss_course import LossCourse, Past
from trainmon.learning.said import Said

_LEFT = 0.9
"""Of the level at which a finding opened: below it the loss moves."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of a run since its baseline, and what is open."""

    baseline_row: int = -1
    begun: bool = True
    """Whether the log shows the run from its first step."""
    said: Said = field(default_factory=Said)
    """What the evaluations said."""
    past: Past = field(default_factory=Past)
    metric: str | None = None
    """The metric of the finding that is open, and where the training loss stood then."""
    level: float = np.nan
    never_better: bool = False
    """Whether it is of a validation that gains nothing while training learns."""
    streak: Streak = field(default_factory=Streak)

    def is_over(self, course: LossCourse, found: Verdict) -> bool:
        """Return whether a finding that is open holds no longer."""
        if self.metric is None:
            return False
        if found.says != Says.NOTHING or self.said.guesses:
            return found.says == Says.LEARNED
        if self.never_better:
            return found.loss is not None and found.loss < _LEFT * self.said.first
        return course.now.value < self.level - (1 - _LEFT) * abs(self.level)
