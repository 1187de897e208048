"""Marks on a curve: onsets of findings, checkpoints, resumes."""

from math import isfinite

from trainmon.record import EventKind
from trainmon.rule import Severity
from trainmon.ui.charts.chart import Mark
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves import x_of
from trainmon.ui.scene import Settings
from trainmon.ui.wording import GLYPHS, INKS
from trainmon.view import RunView

_FINDINGS_DRAWN = 12
"""Findings marked on one chart: more would hide the curve."""

_EVENTS_DRAWN = 40
"""The latest resumes and phases that are marked; of the checkpoints, the newest alone."""

_EVENT_GLYPHS = {EventKind.CHECKPOINT: "◆", EventKind.RESUME: "↻", EventKind.PHASE: "▏"}


def marks_of(run: RunView, settings: Settings, *metrics: str, events: bool = True) -> list[Mark]:
    """Return the marks of a chart that shows `metrics`: their findings, and the run's events.

    A finding without a metric belongs to all charts.
    """
    lane = run.lead
    x = x_of(lane, settings)
    marks: list[Mark] = []
    if events:
        drawn = [event for event in lane.events if event.kind in _EVENT_GLYPHS]
        newest = max((e.row for e in drawn if e.kind == EventKind.CHECKPOINT), default=-1)
        for event in drawn[-_EVENTS_DRAWN:]:
            superseded = event.kind == EventKind.CHECKPOINT and event.row < newest
            if isfinite(x[event.row]) and not superseded:
                glyph = _EVENT_GLYPHS[EventKind(event.kind)]
                marks.append(Mark(float(x[event.row]), None, glyph, Ink.DIM, hint=False))
    shown = [i for i in run.findings if i.metric in metrics or i.metric is None]
    shown = [i for i in shown if i.severity > Severity.INFO or not i.cleared]
    for incident in reversed(shown[:_FINDINGS_DRAWN]):
        if 0 <= incident.onset_row < lane.n_rows and isfinite(x[incident.onset_row]):
            glyph, ink = GLYPHS[incident.severity], INKS[incident.severity]
            marks.append(Mark(float(x[incident.onset_row]), None, glyph, ink, incident.rule))
    return marks
