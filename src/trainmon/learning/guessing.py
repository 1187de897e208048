"""A run whose evaluations are at chance, again and again."""

from dataclasses import dataclass

import numpy as np

from trainmon.context import Context
from trainmon.learning.at_chance import Verdict
from trainmon.learning.loss_course import LossCourse
from trainmon.learning.said import Said
from trainmon.learning.standstill import Standstill, falls, level_words


@dataclass(frozen=True, slots=True)
class Guessing:
    """How many evaluations at chance it takes."""

    confirm: int
    """In a row, where both the loss and a metric are at chance."""
    confirm_alone: int
    """In a row, where one of them is."""
    lost: int
    """In a row that were better than guessing: such a run had learned."""

    def had_learned(self, said: Said) -> bool:
        """Return whether the run was better than guessing once, beyond luck."""
        return said.most_in_a_row >= self.lost

    def standstill(
        self, said: Said, context: Context, course: LossCourse, found: Verdict
    ) -> Standstill | None:
        """Return where the run stands, if enough of its evaluations are at chance."""
        wanted = self.confirm if found.signs > 1 else self.confirm_alone
        apart = falls(course, found.chance)
        if (said.apart if apart else said.guesses) < wanted + apart:
            return None
        if apart and self.had_learned(said):
            return None
        train = str(context.train_loss)
        if not apart:
            value, at = course.now.value, level_words(found.chance)
            stays = "is back at" if self.had_learned(said) else "stays at"
            title = f"{train} {stays} {value:.3g}{at} and the evaluations at chance"
            return Standstill(title, train, value, found.chance)
        if found.metric is not None and found.metric.at_chance:
            mark = found.metric
            title = f"{mark.name} stays at {mark.told:.3g}, as by guessing, while {train} falls"
            return Standstill(title, mark.name, mark.told, found.chance)
        value, name = found.loss if found.loss is not None else np.nan, str(context.val_loss)
        title = f"{name} stays at {value:.3g}{level_words(found.chance)} while {train} falls"
        return Standstill(title, name, value, found.chance)
