"""How the keys have set what charts of a run show: the part of it, and the place pointed at."""

from typing import Any

import numpy as np

from trainmon.store.lane_view import LaneView
from trainmon.store.timeline import Timeline
from trainmon.ui.charts.chart import ChartOptions, Mark
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import duration, number
from trainmon.ui.charts.scale import Range, is_drawable, snapped
from trainmon.ui.curves.curves import Curve, axis_of, x_of
from trainmon.ui.scene import Settings
from trainmon.view import RunView

_ENDS = 256
"""Rows at the beginning and at the end of a log among which some tell where they stand."""


def options_of(run: RunView, settings: Settings, **more: Any) -> ChartOptions:  # noqa: ANN401 - fields of the options
    """Return the options of a chart of a run, with others as they are given."""
    chosen: dict[str, Any] = {
        "log_y": settings.log_y,
        "smooth": settings.smooth,
        "robust": settings.robust,
        "x_kind": axis_of(run.drawn, settings),
        "x_range": shown_range(run, settings),
    }
    return ChartOptions(**{**chosen, **more})


def shown_range(run: RunView, settings: Settings) -> Range | None:
    """Return from where to where on the axis a chart goes; None where it shows all there is."""
    if settings.window.is_whole:
        return None
    reach = extent(run.drawn, settings)
    return settings.window.of(*reach) if reach else None


def axis_range(run: RunView, settings: Settings) -> Range | None:
    """Return from where to where all charts of a page go that are to stand below one another.

    That is the part that is shown, or all there is, in round numbers; None where nothing tells.
    """
    reach = shown_range(run, settings) or extent(run.drawn, settings)
    if reach is None or (is_drawable(*reach) and not settings.window.is_whole):
        return reach
    return snapped(*reach)


def extent(lane: LaneView, settings: Settings) -> Range | None:
    """Return from where to where on the axis a run goes; None where nothing tells."""
    places = x_of(lane, settings, _rows(lane.steps))
    told = places[np.isfinite(places)]
    return (float(told.min()), float(told.max())) if len(told) else None


def pointed_at(run: RunView, settings: Settings) -> float | None:
    """Return where on the axis the cross-hair stands; None if it is not shown."""
    row = settings.cross_hair
    if row is None or not run.lead.n_rows:
        return None
    row = min(row, run.lead.n_rows - 1)
    place = float(x_of(run.lead, settings, np.array([row], np.int32))[0])
    return place if np.isfinite(place) else None


def told_place(run: RunView, settings: Settings) -> str:
    """Return where the cross-hair stands, in words; empty if it is not shown."""
    place, kind = pointed_at(run, settings), axis_of(run.drawn, settings)
    if place is None:
        return ""
    if kind == "time":
        return duration(place)
    return f"{kind} {place:,.0f}" if kind == "step" else f"{kind} {number(place)}"


def told_value(run: RunView, settings: Settings, curve: Curve) -> float:
    """Return the value of a curve that is told: the newest, or that at the cross-hair.

    It is NaN where the cross-hair stands before the first.
    """
    place = pointed_at(run, settings)
    if place is None:
        return curve.last
    at = int(np.searchsorted(curve.x, place, side="right")) - 1
    return float(curve.y[at]) if at >= 0 else np.nan


def cross_hair(run: RunView, settings: Settings) -> list[Mark]:
    """Return the mark of the cross-hair, if it is shown."""
    place = pointed_at(run, settings)
    return [] if place is None else [Mark(place, None, "▼", Ink.FOCUS)]


def row_at(lane: LaneView, settings: Settings, share: float) -> int:
    """Return the row of a lane at a part of its axis, counted from 0 to 1; a row has to tell it."""
    reach = extent(lane, settings)
    places = x_of(lane, settings)
    told = np.flatnonzero(np.isfinite(places))
    if reach is None or not len(told):
        return max(0, lane.n_rows - 1)
    wanted = reach[0] + share * (reach[1] - reach[0])
    near = int(np.argmin(np.abs(places[told] - wanted)))
    return int(told[near])


def share_of(lane: LaneView, settings: Settings, x: float) -> float:
    """Return at which part of its axis a place stands, from 0 to 1."""
    reach = extent(lane, settings)
    if reach is None or reach[1] <= reach[0]:
        return 1.0
    return min(max((x - reach[0]) / (reach[1] - reach[0]), 0.0), 1.0)


def share_at(lane: LaneView, settings: Settings, row: int) -> float:
    """Return at which part of its axis a row of a lane stands, from 0 to 1."""
    reach = extent(lane, settings)
    if reach is None or not lane.n_rows:
        return 1.0
    row = min(max(row, 0), lane.n_rows - 1)
    place = float(x_of(lane, settings, np.array([row], np.int32))[0])
    wide = reach[1] - reach[0]
    return min(max((place - reach[0]) / wide, 0.0), 1.0) if wide > 0 and place == place else 1.0  # noqa: PLR0124 - false for NaN


def _rows(places: Timeline) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Return the first and the last rows of a log."""
    count = len(places)
    first = np.arange(min(count, _ENDS), dtype=np.int32)
    last = np.arange(max(0, count - _ENDS), count, dtype=np.int32)
    return np.concatenate((first, last))
