"""How the task's own part of a loss has gone: whether it stands where it began, or was lost."""

from dataclasses import dataclass

import numpy as np

from trainmon.courses.windows import MAD_TO_SIGMA
from trainmon.digest import CELL
from trainmon.losses.part_looks import Look
from trainmon.losses.parts import between, start_of
from trainmon.medians import median_of
from trainmon.rule import Block

_MEDIAN_TO_MEAN = 1.25
"""Standard errors of a mean that a median has."""


@dataclass(frozen=True, slots=True)
class Standing:
    """When a main part stands."""

    learned: float
    """Of where it began: below it the task is learned."""
    rise: float
    """Times its best: it gets worse."""
    hardly: float
    """Of where it began: below it a rise is noise of a learned task."""
    falls: float
    """Of the part within a look: it improves."""


@dataclass(frozen=True, slots=True)
class MainPart:
    """The course of the main part so far."""

    metric: str = ""
    start: float = np.nan
    """Where it began; NaN where the log does not show it."""
    best: float = np.inf

    def after(self, metric: str, level: float, block: Block, row: int) -> "MainPart":
        """Return it after one more level; where another part is the main one, that one's."""
        if self.metric == metric:
            return MainPart(metric, self.start, min(self.best, level))
        return MainPart(metric, start_of(metric, block, row), level)

    def stands(self, level: float, look: Look, block: Block, limits: Standing) -> bool:
        """Return whether it is not learned, or lost again, and does not fall within a look."""
        began = level >= limits.learned * self.start
        lost = level >= limits.rise * self.best and level >= limits.hardly * self.start
        if not (began or lost):
            return False
        values = between(block, self.metric, look.first_row, look.row).values
        half = len(values) // 2
        if half < CELL // 2:
            return True
        before, now = median_of(values[:half]), median_of(values[half:])
        mad = median_of(np.abs(values - median_of(values)))
        error = _MEDIAN_TO_MEAN * MAD_TO_SIGMA * mad / half**0.5
        return bool(before - now <= max(limits.falls * before, 2 * error))
