"""Why it is said of a run that it does not learn: each of the ways, the surest first."""

from dataclasses import dataclass

from trainmon.chance import is_contrastive
from trainmon.context import Context
from trainmon.learning.at_chance import Says, Verdict, passes_by
from trainmon.learning.chance_metrics import is_good
from trainmon.learning.guessing import Guessing
from trainmon.learning.loss_course import LossCourse
from trainmon.learning.never_better import never_better
from trainmon.learning.patience import has_waited
from trainmon.learning.said import Said
from trainmon.learning.standstill import Standstill
from trainmon.learning.thrown import Thrown
from trainmon.learning.unmoved import Unmoved
from trainmon.rule import Block

_CONTRASTIVE = 2.0
"""Times the patience: such losses stand on a plateau before they fall."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The ways in which a run does not learn."""

    guessing: Guessing
    unmoved: Unmoved
    thrown: Thrown
    soon: float
    """Times the patience, for a run that was thrown up: it has no plateau before it."""

    def standstill(
        self,
        said: Said,
        context: Context,
        block: Block,
        row: int,
        course: LossCourse,
        found: Verdict,
        *,
        begun: bool,
    ) -> Standstill | None:
        """Return why the run does not learn, if it had time to begin and does not.

        `found` is what the evaluation at the row says, and `begun` whether the log shows the run
        from its first step.
        """
        times = _CONTRASTIVE if is_contrastive(context) else 1.0
        times *= self.soon if course.thrown_up else 1.0
        asked = found.says == Says.NOTHING and found.loss is not None and begun
        stands = never_better(said, context, block, row, course) if asked else None
        if stands is not None and has_waited(context, block, row, times=times):
            return stands
        moves = course.turns or passes_by(context, block, row)
        if (moves and not said.apart) or not has_waited(context, block, row, times=times):
            return None
        if found.says == Says.CHANCE:
            return self.guessing.standstill(said, context, course, found)
        if found.says == Says.LEARNED or said.guesses or is_good(context, block, row):
            return None
        stands = None
        if begun:
            stands = self.unmoved.of_validation(said, context, course, found)
            stands = stands or self.thrown.standstill(said, context, course)
        if stands is not None or said.informed:
            return stands
        return self.unmoved.of_training(context, block, row, course, begun=begun)
