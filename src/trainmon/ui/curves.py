"""The curves of a run as x and y, over steps, epochs or time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.store.lane import LaneView
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
    """Return a metric of the run's lead rank, or None if it has no value of that name.

    Where a resume redid steps, what it redid is left out; that may be all there was.
    """
    lane = run.lead
    samples = lane.series.get(name) if name else None
    if name is None or samples is None or not len(samples):
        return None
    rows, values = samples.rows, samples.values
    if lane.rewinds and len(lane.rewinds) <= _REWINDS_DRAWN:
        kept = _kept(lane)[rows]
        rows, values = rows[kept], values[kept]
    if not len(values):
        return None
    return Curve(name, x_of(lane, settings)[rows], values)


def first_of(run: RunView, settings: Settings, *roles: Role) -> Curve | None:
    """Return the first metric of the run that has one of these roles."""
    return curve(run, next(iter(run.context.names(*roles)), None), settings)


def axis_of(lane: LaneView, settings: Settings) -> XKind:
    """Return the axis that is drawn: the one asked for, or the best there is instead."""
    columns = {"step": lane.steps, "epoch": lane.epochs, "time": lane.times}
    for kind in (settings.x_kind, "step", "epoch"):
        if kind in columns and _told(columns[kind]):
            return kind
    return "step"


def x_of(lane: LaneView, settings: Settings) -> Floats:
    """Return where each row stands on the axis; record numbers where the log tells nothing."""
    kind = axis_of(lane, settings)
    if kind == "time":
        return lane.times - _first(lane.times)
    column = lane.steps if kind == "step" else lane.epochs
    return column if _told(column) else np.arange(lane.n_rows, dtype=np.float64)


def _kept(lane: LaneView) -> NDArray[np.bool_]:
    """Return which rows no later resume redid."""
    kept = np.ones(lane.n_rows, dtype=np.bool_)
    for row in lane.rewinds:
        kept[:row] &= ~(lane.steps[:row] >= lane.steps[row])
    return kept


def _told(column: Floats) -> bool:
    """Return whether a column has any value among its last rows, or its first."""
    ends = np.concatenate((column[:256], column[-256:]))
    return bool(np.isfinite(ends).any())


def _first(column: Floats) -> float:
    told = column[np.isfinite(column)][:1]
    return float(told[0]) if len(told) else 0.0
