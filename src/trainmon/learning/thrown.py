"""A run that its first steps threw above where it began, and that stands ever since.

A learning rate that is too high does that in a step or two: the weights end where all units are
dead or saturated, and the loss stands at that of a constant answer. No chance level need be known
for it, since no healthy run leaps above its first loss, comes back to it and stays there.
"""

from dataclasses import dataclass
from math import isfinite

from trainmon.context import Context
from trainmon.learning.loss_course import LossCourse
from trainmon.learning.said import Said
from trainmon.learning.standstill import Standstill, exact_level


@dataclass(frozen=True, slots=True)
class Thrown:
    """When a loss stands where it was thrown."""

    leap: float
    """Of the first loss: the peak before the gate is this far above it."""
    noises: float
    """Times what the highest of the last losses has above their level: no noise makes the peak."""
    back: float
    """Of the first loss: the level has not come further below it."""
    flat: float
    """Of the level: less is no improvement."""
    unsure: float
    """Of the level: the error of an improvement, at most."""
    far_unsure: float
    """The same, where the loss was thrown to many times its first value."""
    regained: float
    """Of the first validation loss: the best is better by no more."""

    def standstill(self, said: Said, context: Context, course: LossCourse) -> Standstill | None:
        """Return where a run stands that the log shows from its first step."""
        if course.thrown_up:
            return None if said.informed else self._far_away(str(context.train_loss), course)
        now, scale = course.now.value, abs(course.gate.value)
        if not self._was_thrown(course) or not self._is_back(said, course):
            return None
        surely = course.improvement - 2 * course.error
        if surely > self.flat * scale or course.error > self.unsure * scale:
            return None
        name = str(context.train_loss)
        title = (
            f"{name} was thrown from {course.first:.3g} to {course.peak:.3g} in its first steps, "
            f"and stands at {now:.3g}"
        )
        return Standstill(title, name, now)

    def _far_away(self, name: str, course: LossCourse) -> Standstill | None:
        """Return where a loss stands that came down from far above where it began.

        It is enough that it does not fall any further beyond noise, however noisy it is by now.
        """
        now, scale = course.now, abs(course.gate.value)
        still = course.improvement <= max(2 * course.error, self.flat * scale)
        if not still or course.error > self.far_unsure * scale:
            return None
        title = (
            f"{name} was thrown up by its first steps, from {course.start.value:.3g}, and has "
            f"stood at {now.value:.3g} since it came down"
        )
        return Standstill(title, name, now.value, exact_level(now.value))

    def _was_thrown(self, course: LossCourse) -> bool:
        """Return whether the loss leapt above its beginning, by more than its noise."""
        now, leap = course.now.value, course.peak - course.first
        noise = course.high - now
        return leap > self.leap * abs(course.first) and course.peak - now > self.noises * noise

    def _is_back(self, said: Said, course: LossCourse) -> bool:
        """Return whether nothing that matters has been learned since, by the evaluations either."""
        if course.now.value < course.first - self.back * abs(course.first):
            return False
        if not isfinite(said.first):
            return True
        stands = said.first - said.low <= self.regained * abs(said.first)
        return stands or said.low >= course.first
