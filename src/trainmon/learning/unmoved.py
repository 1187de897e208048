"""A run whose loss has stood since it began: the validation loss, or the training loss alone."""

from dataclasses import dataclass

from trainmon.chance import chance_levels
from trainmon.context import Context
from trainmon.learning.at_chance import Verdict, lowest
from trainmon.learning.chance_metrics import Standing
from trainmon.learning.loss_course import LossCourse
from trainmon.learning.said import Said
from trainmon.learning.standstill import Standstill, exact_level, is_at, level_words
from trainmon.rule import Block

_HARDLY = 0.15
"""Of the way from a guess to perfect: an AUROC of .575."""


def _is_hardly_better(mark: Standing | None) -> bool:
    """Return whether the best metric whose chance level is known is hardly above it."""
    return mark is not None and mark.value - mark.level <= _HARDLY * (1 - mark.level)


@dataclass(frozen=True, slots=True)
class Unmoved:
    """When a loss has not moved."""

    still: int
    """Evaluations of a validation loss that stands."""
    moved: float
    """Of the first one: their whole range."""
    drift: float
    """Times as much of twice as many evaluations."""
    gained: float
    """Of the first one: how much better the best may be."""
    exact: float
    """Times as much of both where it is near ln 2, ln 10, pi/2."""
    floor: float
    """A loss below it may be at its floor."""
    flat: float
    """Of the level: less is no improvement."""
    sure: float
    """Of the level: twice the error of an improvement, at most."""
    thrown: float
    """Times as much of all of these where the first steps threw the loss up: its fall from there,
    or to where a mean brings it, is none."""

    def of_validation(
        self, said: Said, context: Context, course: LossCourse, found: Verdict
    ) -> Standstill | None:
        """Return where a run stands that the log shows from its first step, by the validation."""
        if said.number < self.still or not self._stands(said, course, found):
            return None
        name = str(context.val_loss)
        title = f"{name} has not moved from {said.first:.3g} in {said.number} evaluations"
        return Standstill(title, str(context.train_loss), course.now.value)

    def _stands(self, said: Said, course: LossCourse, found: Verdict) -> bool:
        """Return whether the validation loss has stood since the run began.

        The training loss may have fallen to where the shares of the labels bring it, before the
        gate, if a metric tells that hardly anything else was learned.
        """
        scale, loss = abs(said.first), found.loss
        if loss is None or (scale < self.floor and not course.thrown_up):
            return False
        flat = course.improvement <= self.flat * abs(course.gate.value)
        mended = course.thrown_up or _is_hardly_better(found.metric)
        if course.has_fallen and not (flat and mended):
            return False
        times = self.exact if exact_level(loss) else self.thrown if course.thrown_up else 1.0
        moved, gained = said.high - said.low, said.first - said.low
        if said.number >= 2 * self.still and not course.has_fallen:
            moved /= self.drift  # of many evaluations one is off, and none is better
        return moved <= times * self.moved * scale and gained <= times * self.gained * scale

    def of_training(
        self, context: Context, block: Block, row: int, course: LossCourse, *, begun: bool
    ) -> Standstill | None:
        """Return where the run stands by its training loss, where no evaluation tells anything.

        `begun` tells whether the log shows the run from its first step.
        """
        name, now = str(context.train_loss), course.now
        chance = lowest(chance_levels(context, block, row))
        scale = chance.loss if chance else abs(course.gate.value)
        if course.thrown_up and not chance:
            return None  # its first level is that of a leap: `Thrown` judges it
        if scale <= 0 or 2 * course.error > self.sure * scale:
            return None
        if course.improvement + (0 if chance else 2 * course.error) > self.flat * scale:
            return None
        if chance and is_at(chance, course):
            title = f"{name} stays at {now.value:.3g}{level_words(chance)}"
            return Standstill(title, name, now.value, chance)
        if chance or not begun or course.fall > self.flat or scale < self.floor:
            return None
        title = f"{name} has not improved on {course.start.value:.3g}: it is {now.value:.3g}"
        return Standstill(title, name, now.value, exact_level(now.value))
