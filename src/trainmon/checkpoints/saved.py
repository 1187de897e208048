"""What has been saved of a run, and what should have been: evaluations and checkpoints in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from types import MappingProxyType

from trainmon.checkpoints.plan import spelled
from trainmon.configuration import Setting
from trainmon.courses.streak import Streak
from trainmon.store.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Saving:
    """How evaluations and checkpoints have followed each other. Immutable."""

    settings: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    """The configuration that was looked at last."""
    wanted: bool = False
    """Whether it wants checkpoints."""
    by: str | None = None
    """The metric that a checkpoint said it was written for, as it is logged."""
    checkpoints: int = 0
    by_metric: int = 0
    """Those of them that were written for the metric of the evaluations."""
    bests: int = 0
    """Those of these whose path says that they are the best."""
    regardless: int = 0
    """Those that were written for no metric and without a new best."""
    last_row: int = -1
    """The row of the last one."""
    widest: float = 0.0
    """The most steps between two of them."""
    evaluations: int = 0
    since: int = 0
    """Evaluations since the last checkpoint."""
    evaluated_row: int = -1
    """The row of the last evaluation."""
    first: float = nan
    """Its worth at first: of the metric, or of minus the metric, such that more is better."""
    best: float = nan
    is_new: bool = False
    """Whether the last evaluation is a new best, whose checkpoint may still come."""
    unsaved: int = 0
    """New bests since the last checkpoint that none followed."""
    most_unsaved: int = 0
    """The most of them before any checkpoint: some are written every so many epochs."""
    streak: Streak = field(default_factory=Streak)
    """What has been told."""

    def evaluated(self, row: int, worth: float) -> "Saving":
        """Return the state after an evaluation.

        >>> state = Saving().evaluated(1, 0.5).evaluated(2, 0.7).evaluated(3, 0.6)
        >>> state.best, state.unsaved, state.is_new
        (0.7, 2, False)
        """
        is_new = isfinite(worth) and not worth <= self.best
        return replace(
            self,
            evaluations=self.evaluations + 1,
            since=self.since + 1,
            evaluated_row=row,
            unsaved=self.unsaved + self.is_new,
            first=self.first if isfinite(self.first) else worth,
            best=worth if is_new else self.best,
            is_new=is_new,
        )

    def told_by(self, metric: str | None, worth: float) -> "Saving":
        """Return the state in which another metric tells of evaluations, and how it stands."""
        return replace(self, by=metric, first=worth, best=worth, unsaved=0)

    def saved(
        self, row: int, steps: Timeline, *, by: str | None, metric: str | None, path: str
    ) -> "Saving":
        """Return the state after a checkpoint `by` a metric; evaluations are told by `metric`."""
        by_metric = spelled(by) == spelled(metric) != ""
        apart = float(steps[row] - steps[self.last_row]) if self.checkpoints else 0.0
        return replace(
            self,
            checkpoints=self.checkpoints + 1,
            by_metric=self.by_metric + by_metric,
            bests=self.bests + (by_metric and "best" in path.lower()),
            regardless=self.regardless + (by is None and not self.is_new),
            last_row=row,
            widest=max(self.widest, apart if isfinite(apart) else 0.0),
            since=0,
            is_new=False,
            unsaved=0,
            most_unsaved=max(self.most_unsaved, self.unsaved),
        )
