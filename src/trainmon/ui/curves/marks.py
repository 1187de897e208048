"""Marks on a curve: onsets of findings, checkpoints, resumes."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from trainmon.incidents import Regard
from trainmon.record import EventKind
from trainmon.rule import Severity
from trainmon.store.batch import HEADER, LogEvent
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.chart import Mark
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.curves import x_of
from trainmon.ui.scene import Settings
from trainmon.ui.wording import ink_of
from trainmon.view import RunView

_FINDINGS_DRAWN = 12
"""Findings marked on one chart: more would hide the curve."""

_EVENTS_DRAWN = 40
"""The latest resumes and phases that are marked; of the checkpoints, the newest alone."""

_EVENTS_LOOKED_AT = 2_000
"""Events searched for marks: bounded, since this is done at each redraw."""

_EVENT_GLYPHS: dict[str, str] = {
    EventKind.CHECKPOINT: "◆",
    EventKind.RESUME: "↻",
    HEADER: "↻",
    EventKind.PHASE: "▏",
}


def marks_of(run: RunView, settings: Settings, *metrics: str, events: bool = True) -> list[Mark]:
    """Return the marks of a chart that shows `metrics`: their findings, and the run's events.

    A finding without a metric belongs to all charts.
    """
    shown = [i for i in run.findings if i.metric in metrics or i.metric is None]
    shown = [i for i in shown if i.severity > Severity.INFO or not i.cleared]
    shown = [i for i in shown if i.regard is not Regard.MUTED][:_FINDINGS_DRAWN]
    drawn = _drawn_events(run.lead) if events else []
    # The header of a resume tells no step; the record behind it does.
    rows = [row for event in drawn for row in (event.row, event.row + (event.kind == HEADER))]
    place = _places(run.lead, settings, [*rows, *(incident.onset_row for incident in shown)])
    marks: list[Mark] = []
    for event in drawn:
        at = place.get(event.row)
        if at is None and event.kind == HEADER:
            at = place.get(event.row + 1)
        if at is not None:
            marks.append(Mark(at, None, _EVENT_GLYPHS[event.kind], Ink.DIM, hint=False))
    for incident in reversed(shown):
        at = place.get(incident.onset_row)
        if at is not None:
            glyph, ink = incident.severity.glyph, ink_of(incident)
            marks.append(Mark(at, None, glyph, ink, incident.rule))
    return marks


def _drawn_events(lane: LaneView) -> list[LogEvent]:
    """Return the events that are marked."""
    drawn = [e for e in lane.events[-_EVENTS_LOOKED_AT:] if e.kind in _EVENT_GLYPHS and e.row]
    newest = max((e.row for e in drawn if e.kind == EventKind.CHECKPOINT), default=-1)
    latest = drawn[-_EVENTS_DRAWN:]
    return [e for e in latest if e.kind != EventKind.CHECKPOINT or e.row >= newest]


def _places(lane: LaneView, settings: Settings, rows: Sequence[int]) -> dict[int, float]:
    """Return where those of some rows stand on the axis that stand anywhere."""
    here = np.array([row for row in rows if 0 <= row < lane.n_rows], np.int32)
    places = zip(here.tolist(), x_of(lane, settings, here).tolist(), strict=True)
    return {row: at for row, at in places if isfinite(at)}
