"""The whole comparison of two runs: which goes better, since when, and what it has otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from trainmon.comparison.alignment import Aligned, aligned
from trainmon.comparison.axes import common_axis
from trainmon.comparison.differences import Difference, differences
from trainmon.comparison.pairs import Pair, pairs
from trainmon.comparison.parting import parting
from trainmon.medians import median_of
from trainmon.reference import Axis, Curve, Reference
from trainmon.roles import Direction

_END_SHARE = 0.05
"""Share of the common places whose median is the level at the end."""


@dataclass(frozen=True, slots=True)
class CurveComparison:
    """One metric of two runs, compared over what both have gone through."""

    pair: Pair
    axis: Axis
    both: Aligned
    parted: float | None
    """The place on the axis from which on they stay apart; None if they do not."""
    better: bool | None
    """Whether the first run is the better one from there on; None if that cannot be said."""
    at: Mapping[Axis, float]
    """Where the first run stood when they parted, on all axes that its log tells of."""
    lasts: tuple[tuple[float, float], tuple[float, float]]
    """The last place of each run and its value there, which may lie behind what both have seen."""

    @property
    def ends(self) -> tuple[float, float]:
        """The levels of both at the end of what both have gone through."""
        last = max(1, round(_END_SHARE * len(self.both.places)))
        return median_of(self.both.values[-last:]), median_of(self.both.others[-last:])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared."""

    run: str
    other: str
    curves: tuple[CurveComparison, ...]
    """By metric, the one that decides first."""
    differences: tuple[Difference, ...]
    """What the worse run has otherwise, or the first one if none is worse; most harmful first."""
    configured: tuple[bool, bool]
    """Whether each log tells of a configuration."""

    @property
    def better(self) -> bool | None:
        """Whether the first run goes better by the metric that decides; None if neither does."""
        return self.curves[0].better if self.curves else None

    @property
    def worse_first(self) -> bool:
        """Whether `differences` are those of the first run from the second."""
        return self.better is not True


def compare(run: Reference, other: Reference, metric: str | None = None) -> Comparison:
    """Return how two runs differ; `metric` decides, if it is given.

    Raises `UnknownNameError` if that is no metric of both.
    """
    curves = tuple(_curves(run, other, metric))
    worse_first = not (curves and curves[0].better)
    here, there = (run, other) if worse_first else (other, run)
    return Comparison(
        run.name,
        other.name,
        curves,
        differences(here.settings, there.settings),
        (bool(run.settings), bool(other.settings)),
    )


def _curves(run: Reference, other: Reference, metric: str | None) -> Iterator[CurveComparison]:
    for pair in pairs(run, other, metric):
        curve, counterpart = run.curves[pair.name], other.curves[pair.other]
        axis = common_axis(run, curve, other, counterpart)
        if axis is not None:
            yield compared(pair, curve, counterpart, axis)


def compared(pair: Pair, curve: Curve, counterpart: Curve, axis: Axis) -> CurveComparison:
    """Return one metric of two runs compared on an axis that both have in common."""
    both = aligned(curve, counterpart, axis)
    part = parting(both)
    lasts = _last(curve, axis), _last(counterpart, axis)
    if part is None:
        return CurveComparison(pair, axis, both, None, None, {}, lasts)
    place = float(both.places[part.index])
    better = None
    if not np.isfinite(both.values[-1]) or not np.isfinite(both.others[-1]):
        better = bool(np.isfinite(both.values[-1]))
    elif pair.direction != Direction.UNKNOWN:
        better = part.above == (pair.direction == Direction.HIGHER)
    return CurveComparison(pair, axis, both, place, better, _where(curve, axis, place), lasts)


def _last(curve: Curve, axis: Axis) -> tuple[float, float]:
    places, values = curve.on(axis)
    return float(places[-1]), float(values[-1])


def _where(curve: Curve, axis: Axis, place: float) -> dict[Axis, float]:
    """Return where a run stood, on all its axes, when it was nearest to a place on one."""
    apart = np.abs(curve.places[axis] - place)
    if not np.isfinite(apart).any():
        return {axis: place}
    nearest = int(np.nanargmin(apart))
    here = {each: float(places[nearest]) for each, places in curve.places.items()}
    return {each: at for each, at in here.items() if np.isfinite(at)} | {axis: place}
