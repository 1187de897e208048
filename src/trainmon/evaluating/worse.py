"""Counts the evaluations in a row at which validation is worse while the training loss falls.

Averages over evaluations count where they are worse than their noise explains, and single
evaluations where they are far beyond it, or lose more than training gains.
"""

from dataclasses import dataclass, replace

import numpy as np

from trainmon.evaluating.evaluations import noise_of_late, smooth_noise
from trainmon.evaluating.worsening import Course

_RECENT = 24
"""Evaluations whose second differences tell the noise."""

_LUCK = 2.0
"""Times the noise: of more evaluations than that the median must be so far above its best, too."""


@dataclass(frozen=True, slots=True)
class Worse:
    """What counts as worse."""

    weight: float
    """Of the newest evaluation in the averages."""
    margin: float
    """Of the best: less is within what a person would shrug at."""
    noises: float
    """Times the noise of one evaluation."""
    falling: float
    """Of the training loss at the best: it still falls."""
    lost: float
    """Of the best loss: by more a rise is no noise of its own."""
    many_noises: float
    """Times the noise above the best, of a single evaluation."""
    known: int
    """Evaluations from which on second differences tell the noise."""

    def after(self, course: Course, row: int, value: float, train: float) -> Course:
        """Return the course after one more evaluation, its best and its count of worse ones."""
        first, level = course.read == 0, train
        recent = (*course.recent, value)[-_RECENT:]
        margin = self.margin * course.scale_of(course.slow.best)
        slow = course.slow.after(recent, train, margin, self.falling)
        average = value if first else course.average + self.weight * (value - course.average)
        if np.isnan(train):
            train = course.train
        elif not np.isnan(course.train):
            train = course.train + self.weight * (train - course.train)
        high = max(course.train_high, -np.inf if np.isnan(train) else train)
        course = replace(course, read=course.read + 1, recent=recent, last_row=row, slow=slow)
        course = replace(course, average=average, train=train)
        course = replace(course, train_high=high, far=self._far(course, value, high - train))
        course = replace(course, beyond=self._beyond(course, value))
        if value < course.best:
            course = replace(course, best=value, best_row=row)
        if average < course.best_average:
            # An average lags behind a loss that falls steeply: what falls is below both.
            at_best = float(np.fmin(train, level))
            slow = replace(slow, worse=0, beside=0)
            return replace(course, best_average=average, train_at_best=at_best, worse=0, slow=slow)
        gap = average - course.best_average
        counts = (
            value > course.best  # the average lags behind evaluations that are back at their best
            and gap > self.margin * course.scale_of(course.best_average)
            and gap > self.noises * noise_of_late(recent, smooth_noise)
            and course.falls(self.falling)
            and (course.falls_for_sure or gap > self.many_noises * noise_of_late(recent))
            # The best of many averages is one of luck; the best of many medians is less so.
            and (course.read <= _RECENT or slow.gap > _LUCK * noise_of_late(recent))
        )
        return replace(course, worse=course.worse + 1 if counts else 0)

    def _far(self, course: Course, value: float, gained: float) -> int:
        """Return how many evaluations in a row have lost more than training gained."""
        lost = value - course.best
        far = lost > gained > 0 and lost > self.lost * abs(course.best)
        return course.far + 1 if far and course.falls(self.falling) else 0

    def _beyond(self, course: Course, value: float) -> int:
        """Return how many evaluations in a row are worse by many times their noise."""
        lost, told = value - course.best, course.read >= self.known
        beyond = told and lost > self.margin * abs(course.best)
        beyond = beyond and lost > self.many_noises * noise_of_late(course.recent)
        return course.beyond + 1 if beyond and course.falls(self.falling) else 0
