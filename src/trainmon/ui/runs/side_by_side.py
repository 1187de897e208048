"""The run that is looked at beside another one: which goes better, and what it has otherwise."""

from dataclasses import dataclass

from trainmon.comparison import Comparison, CurveComparison, compare
from trainmon.one_run import reference_from, told_apart
from trainmon.reference import Axis, Reference
from trainmon.ui.charts.ink import Ink
from trainmon.ui.scene import Scene
from trainmon.ui.wording import OVERLAY_INKS
from trainmon.view import RunView

_EVERY = 5.0
"""Seconds between two comparisons of runs that grow: one takes some ten milliseconds."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two runs as they are compared, and the comparison."""

    run: Reference
    other: Reference
    comparison: Comparison
    ink: Ink = OVERLAY_INKS[0]
    """That of the other run."""

    def curve(self, number: int) -> CurveComparison | None:
        """Return the metric of this number, counted around, the one that decides first."""
        curves = self.comparison.curves
        return curves[number % len(curves)] if curves else None

    def axes(self, curve: CurveComparison) -> list[Axis]:
        """Return the axes on which both tell a metric, the fairest first."""
        ours, theirs = self.run.curves[curve.pair.name], self.other.curves[curve.pair.other]
        both = [axis for axis in Axis if all(len(each.on(axis)[0]) for each in (ours, theirs))]
        return sorted(both, key=lambda axis: axis != curve.axis)


def counterpart(scene: Scene) -> RunView | None:
    """Return the run to compare with: the first that is laid over, else the newest other one."""
    if scene.overlays:
        return scene.overlays[0][0]
    here = scene.run.key if scene.run else ""
    return next((run for run in scene.view.runs if run.key != here and not run.superseded), None)


class Comparing:
    """Compares the runs of a scene, and again when they have grown. Owned by who draws."""

    def __init__(self) -> None:
        self._runs: tuple[RunView, RunView] | None = None
        self._at = 0.0
        self._last: SideBySide | None = None

    def of(self, scene: Scene) -> SideBySide | None:
        """Return the comparison of a scene; None where there is no other run."""
        run, other = scene.run, counterpart(scene)
        if run is None or other is None:
            return None
        if self._last is None or not self._holds(run, other, scene.now):
            first, second = map(reference_from, told_apart([run, other]))
            ink = scene.overlays[0][1] if scene.overlays else OVERLAY_INKS[0]
            self._last = SideBySide(first, second, compare(first, second), ink)
            self._runs, self._at = (run, other), scene.now
        return self._last

    def _holds(self, run: RunView, other: RunView, now: float) -> bool:
        """Return whether the last comparison is of these runs, and new enough."""
        if self._runs is None:
            return False
        same = all(one is two for one, two in zip(self._runs, (run, other), strict=True))
        known = [each.key for each in self._runs] == [run.key, other.key]
        return same or (known and 0 <= now - self._at < _EVERY)


COMPARING = Comparing()
"""What the panels of one screen share."""
