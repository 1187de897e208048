"""The total of a loss beside the sum of its parts, and what is told where they differ."""

from dataclasses import dataclass, field
from typing import Any

from trainmon.courses.streak import Streak
from trainmon.losses.part_looks import Look
from trainmon.losses.parts import Reading
from trainmon.rule import Event, Severity


@dataclass(frozen=True, slots=True)
class Total:
    """How often in a row the total was not the sum."""

    looks: int = 0
    streak: Streak = field(default_factory=Streak)

    def after(
        self, told: Reading, look: Look, name: str | None, confirm: int
    ) -> tuple["Total", list[Event]]:
        """Return it after one more look, and what is told after `confirm` of them in a row."""
        if not told.differs:
            streak, events = self.streak.over(look.row, f"{name} is the sum of its parts", name)
            return Total(0, streak), events
        if self.looks + 1 < confirm:
            return Total(self.looks + 1, self.streak), []
        streak = self.streak
        streak = streak.seen(look.first_row if not streak.count else look.row)
        evidence: dict[str, Any] = {
            "total": told.total,
            "sum": told.sum,
            "difference": (told.total - told.sum) / abs(told.total),
        }
        what = "a part is not logged" if told.total > told.sum else "a part is not weighted"
        title = f"{name} is {told.total:.3g}, and its parts add up to {told.sum:.3g}: {what}"
        streak, events = streak.tell(look.row, Severity.INFO, title, name, evidence)
        return Total(self.looks + 1, streak), events
