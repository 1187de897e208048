"""Glyphs and words that mean the same wherever they stand on the screen."""

from collections.abc import Mapping

from trainmon.incidents import Incident
from trainmon.report.text import mark
from trainmon.rule import Severity
from trainmon.ui.charts.ink import Ink
from trainmon.view import RunView, Status

INKS: Mapping[Severity, Ink] = {
    Severity.ERROR: Ink.ERROR,
    Severity.WARNING: Ink.WARNING,
    Severity.INFO: Ink.INFO,
}

STATUS_GLYPHS: Mapping[Status, str] = {
    Status.RUNNING: "▶",
    Status.FINISHED: "✓",
    Status.STALLED: "‖",
    Status.CRASHED: "✖",
    Status.UNKNOWN: "?",
}

STATUS_INKS: Mapping[Status, Ink] = {
    Status.RUNNING: Ink.GOOD,
    Status.FINISHED: Ink.GOOD,
    Status.STALLED: Ink.WARNING,
    Status.CRASHED: Ink.ERROR,
    Status.UNKNOWN: Ink.DIM,
}

OVERLAY_INKS = (Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4)
"""The inks of overlaid runs, in the order in which they were chosen."""


def ink_of(incident: Incident) -> Ink:
    """Return the ink of a finding: that of its severity while it needs a person, else a dim one."""
    return INKS[incident.severity] if incident.leads else Ink.DIM


_MARK_INKS = {"✓": Ink.GOOD, "✖": Ink.ERROR}


def health(run: RunView) -> tuple[str, Ink]:
    """Return the glyph of the worst open finding of a run, or of its being well.

    That of a finding which is known already is dimmed.
    """
    if run.trouble:
        return run.trouble.standing.glyph, INKS[run.trouble.standing]
    glyph = mark(run)
    return glyph, _MARK_INKS.get(glyph, Ink.DIM)
