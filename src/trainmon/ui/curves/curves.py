"""The curves of a run as x and y, over steps, epochs or time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainmon.roles import Role
from trainmon.store.batch import Floats, Rows
from trainmon.store.lane_view import LaneView
from trainmon.store.timeline import Timeline
from trainmon.ui.charts.axis import XKind
from trainmon.ui.scene import Settings
from trainmon.view import RunView

_REWINDS_DRAWN = 64
"""Resumes whose redone part is hidden; a log with more is drawn as it is."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric of a run: its name, and equally long x and y, at least one of each."""

    name: str
    x: Floats
    y: Floats

    @property
    def last(self) -> float:
        """The newest value."""
        return float(self.y[-1])


def curve(run: RunView, name: str | None, settings: Settings) -> Curve | None:
    """Return a metric of the run's lead rank, or a preview of it; None if there is no value of it.

    Where a resume redid steps, what it redid is left out; that may be all there was.
    """
    return curve_in(run.drawn, name, settings)


def curve_in(lane: LaneView, name: str | None, settings: Settings) -> Curve | None:
    """Return a metric of one rank, likewise."""
    samples = lane.series.get(name) if name else None
    if name is None or samples is None or not len(samples):
        return None
    rows, values = samples.rows, samples.values
    if lane.rewinds and len(lane.rewinds) <= _REWINDS_DRAWN:
        kept = _kept(lane, rows)
        rows, values = rows[kept], values[kept]
    if not len(values):
        return None
    return Curve(name, _passed(lane, settings, rows), values)


def first_of(run: RunView, settings: Settings, *roles: Role) -> Curve | None:
    """Return the first metric of the run that has one of these roles."""
    return curve(run, next(iter(run.context.names(*roles)), None), settings)


def axis_of(lane: LaneView, settings: Settings) -> XKind:
    """Return the axis that is drawn: the one asked for, or the best there is instead."""
    columns = {"step": lane.steps, "epoch": lane.epochs, "time": lane.times}
    for kind in (settings.x_kind, "step", "epoch"):
        if kind in columns and columns[kind].is_told:
            return kind
    return "step"


def x_of(lane: LaneView, settings: Settings, rows: Rows | None = None) -> Floats:
    """Return where some rows stand on the axis, or all; row numbers where the log tells nothing."""
    rows = np.arange(lane.n_rows, dtype=np.int32) if rows is None else rows
    kind = axis_of(lane, settings)
    if kind == "time":
        return lane.times[rows] - _first(lane.times)
    places = lane.steps if kind == "step" else lane.epochs
    return places[rows] if places.is_told else rows.astype(np.float64)


def _passed(lane: LaneView, settings: Settings, rows: Rows) -> Floats:
    """Return where some ascending rows stand, those without a place at the last one before.

    Readings of the machine come at a pace of their own, and tell no step.
    """
    x = x_of(lane, settings, rows)
    if not np.isnan(x).any():
        return x
    return _last_told(x_of(lane, settings, _between(rows)), rows)


def _between(rows: Rows) -> Rows:
    return np.arange(max(0, int(rows[0]) - _BEHIND), int(rows[-1]) + 1, dtype=np.int32)


_BEHIND = 256
"""Rows looked back over for a place before the first one."""


def _last_told(places: Floats, rows: Rows) -> Floats:
    """Return the last place told up to each of some rows, the last of those that these are of."""
    told = np.maximum.accumulate(np.where(np.isnan(places), 0, np.arange(len(places))))
    first = int(rows[-1]) + 1 - len(places)
    passed: Floats = places[told[rows - first]]
    return passed


def _kept(lane: LaneView, rows: Rows) -> NDArray[np.bool_]:
    """Return which of some ascending rows no later resume redid."""
    kept = np.ones(len(rows), dtype=np.bool_)
    steps = lane.steps[rows]
    if np.isnan(steps).any():
        steps = _last_told(lane.steps[_between(rows)], rows)
    for row in lane.rewinds:
        before = int(np.searchsorted(rows, np.int32(row)))
        kept[:before] &= ~(steps[:before] >= lane.steps[row])
    return kept


def _first(places: Timeline) -> float:
    """Return the first place that is told, looked for among the first and the last rows."""
    ends = places.ends(_FIRST_ROWS)
    told = ends[np.isfinite(ends)][:1]
    return float(told[0]) if len(told) else 0.0


_FIRST_ROWS = 10_000
"""Rows among which the first time is looked for: bounded, since this is done at each redraw."""
