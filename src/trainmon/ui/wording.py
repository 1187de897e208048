"""Glyphs and words that mean the same wherever they stand on the screen."""

from collections.abc import Mapping

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


def health(run: RunView) -> tuple[str, Ink]:
    """Return the glyph of the worst open finding of a run, or of its being well."""
    worst = run.worst
    if worst is None or worst.severity == Severity.INFO:
        return "✓", Ink.GOOD
    return worst.severity.glyph, INKS[worst.severity]
