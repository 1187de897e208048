"""How one metric fares from evaluation to evaluation: its best, and for how long none was better.

Pure: an evaluation goes in, a new track comes out.
"""

from dataclasses import dataclass, replace
from math import isfinite

from trainmon.writer.stopping.direction import Mode


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One value of a metric, and where in the training it was measured."""

    value: float
    step: float | None = None
    epoch: float | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """What the evaluations of one metric have come to so far."""

    evaluations: int = 0
    first: float | None = None
    """The first finite value."""
    moved: bool = False
    """Whether a finite value has differed from those before it; after NaNs, 0 does not yet."""
    best: Evaluation | None = None
    improved: bool = False
    """Whether the last evaluation is the best so far."""
    since_best: int = 0
    """Evaluations since the best one; all of them while none was finite."""

    @property
    def stands_still(self) -> bool:
        """Whether all values so far were the same, or none was finite; one alone tells nothing."""
        return not self.moved and (self.evaluations > 1 or self.first is None)

    def after(self, evaluation: Evaluation, mode: Mode, min_delta: float = 0.0) -> "Track":
        """Return the track after one more evaluation; one that is not finite is never better."""
        value = evaluation.value
        improved = isfinite(value) and (
            self.best is None or _gain(value, self.best.value, mode) > min_delta
        )
        return Track(
            evaluations=self.evaluations + 1,
            first=value if self.first is None and isfinite(value) else self.first,
            moved=self.moved or self._moves(value),
            best=evaluation if improved else self.best,
            improved=improved,
            since_best=0 if improved else self.since_best + 1,
        )

    def taking_over(self, chosen: Evaluation | None) -> "Track":
        """Return the track of a metric that has just begun to move, and decides from here on.

        If it moved to the worse, its best value is the one at which it stood, and of the
        evaluations that had it the best is the one that the other metric has `chosen`.
        """
        if self.improved or self.best is None or chosen is None:
            return replace(self, since_best=0 if self.improved else 1)
        best = replace(chosen, value=self.best.value)
        return replace(self, best=best, since_best=1)

    def _moves(self, value: float) -> bool:
        if not isfinite(value) or self.evaluations == 0:
            return False
        return value != (0.0 if self.first is None else self.first)


def _gain(value: float, best: float, mode: Mode) -> float:
    return value - best if mode == "max" else best - value
