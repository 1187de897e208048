"""How far the ranks are apart over the run: the largest less the smallest, of the middle one."""

import numpy as np

from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.chart import Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import share
from trainmon.ui.charts.scale import Scale
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.curves.looking import axis_range, cross_hair, options_of
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.ranks.rank_measures import RankChoice, alone, courses, measures_of, spread
from trainmon.ui.scene import Scene

_COLUMNS = 100
"""Parts of the run in which ranks are compared: as many as a chart of usual width shows."""


class RankSpreadPanel(ChoicePanel[RankChoice]):
    """The spread between ranks."""

    title = "spread"
    choice = RankChoice()

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_rank_spread(scene, height, width, self.choice, focus=self.has_focus)


def draw_rank_spread(
    scene: Scene, height: int, width: int, choice: RankChoice | None = None, *, focus: bool = False
) -> Grid:
    """Return how far apart the ranks of the run of a scene are in the chosen measure, in %."""
    choice = choice or RankChoice()
    run, settings = scene.run, scene.settings
    title: list[Part] = [("spread", Ink.TITLE)]
    measures = choice.ordered(measures_of(run)) if run else []
    if run is None or alone(run) or not measures:
        hint = "how far ranks are apart over the run" if run else ""
        return empty(height, width, title, hint, focus=focus)
    measure = measures[0]
    reach = axis_range(run, settings) or (0.0, 1.0)
    places, percent = spread(courses(run, measure.metric, settings), Scale(*reach), _COLUMNS)
    told = percent[np.isfinite(percent)]
    values: list[list[Part]] = []
    if len(told):
        values.append([(share(float(told[-1]) / 100), Ink.STRONG)])
        values.append([("  max ", Ink.DIM), (share(float(told.max()) / 100), Ink.TEXT)])
    title.append((f" of {measure.title}  %", Ink.DIM))
    options = options_of(run, settings, smooth=0.0, robust=False, x_range=reach)
    series = [Series(places, percent, Ink.SIGNAL)]
    marks = [*marks_of(run, settings, measure.metric, events=False), *cross_hair(run, settings)]
    return boxed(height, width, (title, values), series, marks, options, focus=focus)
