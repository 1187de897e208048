"""The course of an early stopping: two metrics, one of which decides at any time.

The main metric decides, unless it stands still: an F1 that is 0 in every evaluation says nothing
of which checkpoint is the best one. Then the second metric does, until the main one moves.
Pure: a logged line goes in, a new course comes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import nan

from trainmon.writer.scalar import Scalar
from trainmon.writer.stopping.terms import Terms
from trainmon.writer.stopping.track import Evaluation, Track


@dataclass(frozen=True, slots=True)
class Course:
    """What both metrics have come to so far.

    The second metric may stand on lines of its own, even on many more than the main one has. Each
    evaluation takes one value of it: that of its own line, else the last one since the evaluation
    before, else the first one that follows.
    """

    terms: Terms
    main: Track = field(default_factory=Track)
    also: Track = field(default_factory=Track)
    kept: Evaluation | None = None
    """The last value of the second metric since the last evaluation."""
    owed: bool = False
    """Whether the last evaluation still waits for a value of the second metric."""
    step: float | None = None
    """The step of the last evaluation."""

    @property
    def follows_also(self) -> bool:
        """Whether the second metric decides."""
        return self.main.stands_still and self.also.evaluations > 0

    @property
    def metric(self) -> str:
        """The metric that decides."""
        second = self.terms.also
        return second if self.follows_also and second is not None else self.terms.metric

    @property
    def track(self) -> Track:
        """The track of the metric that decides."""
        return self.also if self.follows_also else self.main

    @property
    def out_of_patience(self) -> bool:
        """Whether there was no better evaluation for the whole of the patience."""
        counted = self.main.evaluations - self.terms.start_after
        return min(self.track.since_best, counted) >= self.terms.patience

    def after(self, line: Mapping[str, Scalar], step: float | None) -> "Course":
        """Return the course after a logged line, which may hold either metric or both."""
        step = _number(line.get("step")) if step is None else step
        epoch = _number(line.get("epoch"))
        main = _number(line.get(self.terms.metric))
        also = None if self.terms.also is None else _number(line.get(self.terms.also))
        second = None if also is None else Evaluation(also, step, epoch)
        told_again = step is not None and step == self.step  # as by `log` and by `evaluation`
        if main is not None and not told_again:
            return self._after_evaluation(Evaluation(main, step, epoch), second or self.kept)
        if second is None:
            return self
        if self.owed:
            return replace(self, also=self.also.after(second, self.terms.also_mode), owed=False)
        return replace(self, kept=second)

    def _after_evaluation(self, evaluation: Evaluation, second: Evaluation | None) -> "Course":
        main = self.main.after(evaluation, self.terms.mode, self.terms.min_delta)
        if main.moved and self.follows_also:
            main = main.taking_over(self.also.best)
        also = self.also
        if self.owed and also.evaluations:  # what is not logged any more is not better either
            also = also.after(Evaluation(nan), self.terms.also_mode)
        if second is None:
            # Until its value comes, the second metric cannot say that this one is the best.
            also = replace(also, improved=False)
        else:
            also = also.after(second, self.terms.also_mode)
        owed = second is None and self.terms.also is not None
        return replace(self, main=main, also=also, kept=None, owed=owed, step=evaluation.step)


def _number(value: Scalar) -> float | None:
    """Return a logged value as a float, NaN too; None for a gap."""
    return None if value is None else float(value)
