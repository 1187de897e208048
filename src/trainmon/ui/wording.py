"""Glyphs and words that mean the same wherever they stand on the screen."""

from collections.abc import Mapping

from trainmon.incidents import Incident
from trainmon.rule import Severity
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.view import RunView, Status

GLYPHS: Mapping[Severity, str] = {Severity.ERROR: "●", Severity.WARNING: "▲", Severity.INFO: "·"}

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


def since(incident: Incident) -> str:
    """Return since when: the epoch of the onset where epochs are told whole, else its step."""
    epoch = incident.onset_epoch
    if epoch is not None and epoch == int(epoch):
        return f"since epoch {epoch:.0f}"
    if incident.onset_step is not None:
        return f"since step {incident.onset_step:,.0f}"
    return f"since epoch {number(epoch)}" if epoch is not None else ""


def health(run: RunView) -> tuple[str, Ink]:
    """Return the glyph of the worst open finding of a run, or of its being well."""
    worst = run.worst
    if worst is None or worst.severity == Severity.INFO:
        return "✓", Ink.GOOD
    return GLYPHS[worst.severity], INKS[worst.severity]
