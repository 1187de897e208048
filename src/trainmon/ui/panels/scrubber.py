"""Where in the run one stands who travels in time, with the findings at their onsets."""

from trainmon.incidents import Incident, Regard
from trainmon.ui.charts.cells import Part, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.looking import share_at
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene
from trainmon.ui.wording import INKS
from trainmon.view import RunView

_LEAST = 12
"""Columns of a track below which it tells no place."""


class Scrubber(Panel, can_focus=False):
    """The run as a line. It is there only for those who travel."""

    title = "scrubber"

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the line."""
        return draw_scrubber(scene, height, width)


def draw_scrubber(scene: Scene, height: int, width: int) -> Grid:
    """Return where a scene stands in its run, and what can be done."""
    grid = Grid(height, width)
    whole, moment = scene.whole, scene.moment
    if whole is None or moment is None:
        return grid
    words = _words(scene, whole)
    while len(words) > 1 and width - width_of(words) - 4 < _LEAST:
        words.pop()
    track = width - width_of(words) - 4
    if track < _LEAST:
        return grid
    here = _column(scene, whole, moment, track)
    grid.write(0, 1, "━" * here, Ink.SIGNAL)
    grid.write(0, 1 + here, "─" * (track - here), Ink.FAINT)
    for incident in reversed(_shown(whole)):
        at = 1 + _column(scene, whole, incident.onset_row, track)
        grid.write(0, at, incident.severity.glyph, INKS[incident.severity])
    grid.write(0, 1 + here, "┃", Ink.FOCUS)
    grid.write_parts(0, track + 3, words)
    return grid


def _words(scene: Scene, whole: RunView) -> list[Part]:
    """Return where it is, and the keys, the most needed first."""
    run = scene.run or whole
    step, last = run.last_step, whole.last_step
    place = "" if step is None or last is None else f"as of step {step:,.0f} of {last:,.0f}"
    words: list[Part] = [(place, Ink.STRONG)]
    for key, what in (("esc", "now"), ("< >", "travel"), (", .", "to a decision")):
        words += [(f"   {key}", Ink.KEY), (f" {what}", Ink.DIM)]
    return words


def _shown(whole: RunView) -> list[Incident]:
    return [incident for incident in whole.findings if incident.regard is not Regard.MUTED]


def _column(scene: Scene, whole: RunView, row: int, track: int) -> int:
    share = share_at(whole.lead, scene.settings, row)
    return min(int(share * track), track - 1)
