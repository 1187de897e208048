"""The curve that a finding was seen in, cut out around its onset."""

from dataclasses import dataclass

import numpy as np

from trainmon.incidents import Incident
from trainmon.roles import Role
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.chart import ChartOptions, Limit, Mark, Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.line import draw_chart
from trainmon.ui.charts.scale import Range
from trainmon.ui.curves.curves import Curve, axis_of, curve_in, x_of
from trainmon.ui.flow import Line
from trainmon.ui.metrics.metric_lines import inks_of
from trainmon.ui.scene import Settings
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

_SAMPLES_AROUND = 24
"""Values shown at least before the onset and after the finding spoke, if there are so many."""

_BEFORE, _AFTER = 1.5, 1.0
"""Times from the onset to where the finding spoke that are shown before and after."""

_COMPARED = frozenset(
    {"accumulation-misreport", "early-stop", "generalisation-gap", "overfitting", "train-above-val"}
)
"""Rules that compare training with validation, whatever metric they name."""

_DECADES = 100.0
"""Ratio of the largest to the smallest value from which on the axis is logarithmic."""

_TOLD = "◇"
"""Where the finding spoke."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a chart of a finding shows."""

    curves: tuple[Curve, ...]
    onset: float | None
    """Where on the axis the trouble began; None where the log does not tell."""
    told: float | None
    """Where the finding spoke."""
    x_range: Range | None


def evidence_of(run: RunView, incident: Incident, settings: Settings) -> Evidence | None:
    """Return what there is to be seen of a finding; None where it is about no curve."""
    lane = _lane(run, incident)
    names = _metrics(run, incident)
    curves = tuple(found for name in names if (found := curve_in(lane, name, settings)) is not None)
    if not curves:
        return None
    rows = [row for row in (incident.onset_row, incident.row) if 0 <= row < run.lead.n_rows]
    places = x_of(run.lead, settings, np.array(rows, np.int32)) if rows else np.empty(0)
    known = places[np.isfinite(places)].tolist()
    if not known:
        return Evidence(curves, None, None, None)
    return Evidence(curves, known[0], known[-1], _around(curves, known[0], known[-1]))


def evidence_title(run: RunView, shown: Evidence) -> Line:
    """Return the names of the curves in their inks, and of which part of the run they are."""
    title: Line = []
    for curve in shown.curves:
        title += [(f"{curve.name}  ", inks_of(run, curve.name)[0])]
    where = "around its onset" if shown.x_range else "in the whole run"
    return [*title, (where, Ink.DIM)]


def draw_evidence(
    run: RunView, incident: Incident, shown: Evidence, settings: Settings, size: tuple[int, int]
) -> Grid:
    """Return the chart of a finding in a size: rows and columns."""
    series = []
    for curve in shown.curves:
        ink, raw = inks_of(run, curve.name)
        series.append(Series(curve.x, curve.y, ink, raw))
    clip = run.context.clip
    norms = run.context.names(Role.GRAD_NORM)
    options = ChartOptions(
        log_y=settings.log_y or _spans_decades(shown),
        smooth=settings.smooth,
        x_kind=axis_of(run.drawn, settings),
        x_range=shown.x_range,
        limit=Limit(clip, "clip") if clip and shown.curves[0].name in norms else None,
    )
    return draw_chart(*size, series, _marks(incident, shown), options).grid


def _spans_decades(shown: Evidence) -> bool:
    """Return whether values in sight are so far apart that the lesser ones would be one line."""
    low, high = shown.x_range or (-np.inf, np.inf)
    seen = [curve.y[(curve.x >= low) & (curve.x <= high)] for curve in shown.curves]
    values = np.concatenate(seen)
    values = values[np.isfinite(values)]
    return bool(len(values) and values.min() > 0 and values.max() / values.min() > _DECADES)


def _marks(incident: Incident, shown: Evidence) -> list[Mark]:
    """Return the marks of the onset and of where the finding spoke."""
    if shown.onset is None or shown.told is None:
        return []
    onset = Mark(shown.onset, None, incident.severity.glyph, ink_of(incident), "began")
    if shown.told == shown.onset:
        return [onset]
    return [Mark(shown.told, None, _TOLD, Ink.STRONG, "told"), onset]


def _metrics(run: RunView, incident: Incident) -> tuple[str, ...]:
    """Return the metrics to show; a validation loss is seen against that of training."""
    losses = tuple(name for name in (run.context.train_loss, run.context.val_loss) if name)
    compared = incident.rule in _COMPARED and (incident.metric is None or incident.metric in losses)
    if compared or (incident.metric and incident.metric == run.context.val_loss):
        return losses
    return (incident.metric,) if incident.metric else ()


def _lane(run: RunView, incident: Incident) -> LaneView:
    """Return the lane of the finding's rank; for the lead rank the one that is drawn."""
    others = (lane for lane in run.lanes[1:] if lane.rank == incident.rank)
    return next(others, run.drawn)


def _around(curves: tuple[Curve, ...], onset: float, told: float) -> Range | None:
    """Return the part of the axis from well before the onset to well after the finding spoke."""
    apart = max(told - onset, 0.0)
    firsts, lasts = [onset - _BEFORE * apart], [told + _AFTER * apart]
    ends = []
    for curve in curves:
        places = np.sort(curve.x[np.isfinite(curve.x)])
        if not len(places):
            continue
        before, after = np.searchsorted(places, (onset, told))
        firsts.append(float(places[max(0, before - _SAMPLES_AROUND)]))
        lasts.append(float(places[min(len(places) - 1, after + _SAMPLES_AROUND)]))
        ends.append((float(places[0]), float(places[-1])))
    if not ends:
        return None
    first = max(min(firsts), min(low for low, _ in ends))
    last = min(max(lasts), max(high for _, high in ends))
    return (first, last) if first < last else None
