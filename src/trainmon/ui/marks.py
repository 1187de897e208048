"""Marks on a curve: onsets of findings, checkpoints, resumes."""

from math import isfinite

from trainmon.record import EventKind
from trainmon.rule import Severity
from trainmon.store.batch import HEADER
from trainmon.ui.charts.chart import Mark
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves import x_of
from trainmon.ui.scene import Settings
from trainmon.ui.wording import INKS
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
    lane = run.lead
    x = x_of(lane, settings)
    marks: list[Mark] = []
    if events:
        drawn = [e for e in lane.events[-_EVENTS_LOOKED_AT:] if e.kind in _EVENT_GLYPHS and e.row]
        newest = max((e.row for e in drawn if e.kind == EventKind.CHECKPOINT), default=-1)
        for event in drawn[-_EVENTS_DRAWN:]:
            superseded = event.kind == EventKind.CHECKPOINT and event.row < newest
            # The header of a resume tells no step; the record behind it does.
            stop = event.row + (2 if event.kind == HEADER else 1)
            place = next((float(at) for at in x[event.row : stop] if isfinite(at)), None)
            if place is not None and not superseded:
                glyph = _EVENT_GLYPHS[event.kind]
                marks.append(Mark(place, None, glyph, Ink.DIM, hint=False))
    shown = [i for i in run.findings if i.metric in metrics or i.metric is None]
    shown = [i for i in shown if i.severity > Severity.INFO or not i.cleared]
    for incident in reversed(shown[:_FINDINGS_DRAWN]):
        if 0 <= incident.onset_row < lane.n_rows and isfinite(x[incident.onset_row]):
            glyph, ink = incident.severity.glyph, INKS[incident.severity]
            marks.append(Mark(float(x[incident.onset_row]), None, glyph, ink, incident.rule))
    return marks
