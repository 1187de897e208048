"""The layer under the cursor: the course of what is measured of it, in full."""

import numpy as np

from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.chart import Series
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.curves.curves import curve
from trainmon.ui.curves.looking import cross_hair, options_of, told_value
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed, empty
from trainmon.ui.layers.layers import LayerChoice, layers_of
from trainmon.ui.names import folded
from trainmon.ui.scene import Scene

_DECADE = 10.0
"""Ratio of the largest to the smallest value from which on the axis is logarithmic."""

_NAME_SHARE = 0.5
"""Of the width: what the name of a layer may take."""


class LayerCurvePanel(ChoicePanel[LayerChoice]):
    """One layer."""

    title = "layer"
    choice = LayerChoice()

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_layer_curve(scene, height, width, self.choice, focus=self.has_focus)


def draw_layer_curve(
    scene: Scene,
    height: int,
    width: int,
    choice: LayerChoice | None = None,
    *,
    focus: bool = False,
) -> Grid:
    """Return the chosen layer of the run of a scene."""
    choice = choice or LayerChoice()
    run, settings = scene.run, scene.settings
    measure = choice.shown(run) if run else None
    layers = layers_of(run, measure) if run and measure else []
    layer = layers[choice.place(layers)] if layers else None
    found = curve(run, layer.metric, settings) if run and layer else None
    if run is None or measure is None or layer is None or found is None:
        hint = "the layer under the cursor:\nlog.watch(model, optimizer)" if run else ""
        return empty(height, width, [("layer", Ink.TITLE)], hint, focus=focus)
    values: list[list[Part]] = [[(number(told_value(run, settings, found)), Ink.STRONG)]]
    if layer.trouble:
        values.append([(f"  {layer.trouble.glyph} {layer.trouble.word}", layer.trouble.ink)])
    finite = found.y[np.isfinite(found.y)]
    if len(finite):
        least, most = float(finite.min()), float(finite.max())
        values.append([("  min ", Ink.DIM), (number(least), Ink.TEXT)])
        values.append([("  max ", Ink.DIM), (number(most), Ink.TEXT)])
    positive = finite[finite > 0]
    wide = len(positive) > 0 and float(positive.max() / positive.min()) > _DECADE
    title: list[Part] = [
        (folded(layer.name, max(int(_NAME_SHARE * width), 1)), Ink.TITLE),
        (f"  {measure.title}", Ink.DIM),
    ]
    series = [Series(found.x, found.y, Ink.SIGNAL, Ink.SIGNAL_RAW)]
    marks = [*marks_of(run, settings, layer.metric, events=False), *cross_hair(run, settings)]
    options = options_of(run, settings, log_y=wide or settings.log_y, robust=False)
    return boxed(height, width, (title, values), series, marks, options, focus=focus)
