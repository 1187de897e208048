"""The layers of a model as a log tells them: what is measured of each, and which are in trouble."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.ui.charts.heatmap import typical_range
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.scale import Range
from trainmon.view import RunView

LAYERS_LIMIT = 1_024
"""Layers that are listed: as many as rules look at; larger models log groups."""

_USUAL = 64
"""Earlier values that the usual one is taken of."""

_EXPLODING = 100.0
"""Times the usual value, as the rule of exploding gradients counts it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured of every layer."""

    title: str
    role: Role
    tiny: float
    """At or below this a value is next to zero."""
    at_zero: str
    """What a layer is whose value is exactly zero."""


MEASURES = (
    # Below these the rules of vanishing gradients and of update ratios speak.
    Measure("gradient norm", Role.LAYER_GRAD_NORM, 1e-7, "dead"),
    Measure("weight norm", Role.LAYER_WEIGHT_NORM, 1e-7, "zero"),
    Measure("update ratio", Role.LAYER_UPDATE_RATIO, 1e-5, "dead"),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a layer: a glyph that stands for it, a word, and their ink."""

    glyph: str
    word: str
    ink: Ink


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what it is called, the metric that tells of it, and its newest value."""

    name: str
    metric: str
    last: float
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """Which measure is looked at, by its place among the measures, and which layer, by name."""

    measure: int = 0
    layer: str = ""

    def shown(self, run: RunView) -> Measure | None:
        """Return the measure to show: the one chosen, or the first that the log tells of."""
        told = [each for each in MEASURES if metrics_of(run, each)]
        chosen = MEASURES[self.measure]
        return chosen if chosen in told else next(iter(told), None)

    def next_measure(self, run: RunView) -> "LayerChoice":
        """Return the choice of the next measure that the log tells of."""
        shown = self.shown(run)
        told = [each for each in MEASURES if metrics_of(run, each)]
        if shown is None:
            return self
        following = told[(told.index(shown) + 1) % len(told)]
        return replace(self, measure=MEASURES.index(following))

    def place(self, layers: Sequence[Layer]) -> int:
        """Return where the chosen layer stands among some, or the first."""
        return next((at for at, layer in enumerate(layers) if layer.name == self.layer), 0)


def metrics_of(run: RunView, measure: Measure) -> list[str]:
    """Return the metrics that tell a measure of a layer each, in the order of the model."""
    series = run.drawn.series
    told = (name for name in run.context.names(measure.role) if name in series)
    return [name for name in told if len(series[name])][:LAYERS_LIMIT]


def layers_of(run: RunView, measure: Measure) -> list[Layer]:
    """Return all layers in the order of the model, as a measure tells of them."""
    layers = []
    for metric in metrics_of(run, measure):
        values = run.drawn.series[metric].values
        name = metric.partition("/")[2] or metric
        layers.append(Layer(name, metric, float(values[-1]), trouble_of(values, measure)))
    return layers


def trouble_of(values: Floats, measure: Measure) -> Trouble | None:
    """Return what is wrong with a layer of which these values are told, if anything is.

    >>> trouble_of(np.array([0.1, 0.1, 0.0]), MEASURES[0])
    Trouble(glyph='○', word='dead', ink=<Ink.WARNING: 15>)
    >>> trouble_of(np.array([0.1, 0.1, 20.0]), MEASURES[0]).word
    'exploding'
    """
    last = float(values[-1])
    if not isfinite(last):
        return Trouble("✖", "not finite", Ink.ERROR)
    if last == 0:
        return Trouble("○", measure.at_zero, Ink.WARNING)
    if abs(last) <= measure.tiny:
        return Trouble("↓", "next to zero", Ink.WARNING)
    before = values[-_USUAL - 1 : -1]
    usual = np.sort(before)[len(before) // 2] if len(before) else np.nan
    if last > _EXPLODING * usual > 0:
        return Trouble("↑", "exploding", Ink.WARNING)
    return None


def range_of(run: RunView, layers: Sequence[Layer]) -> Range:
    """Return the range of what layers are told to have, which scrolling does not change."""
    sampled = []
    for layer in layers:
        values = run.drawn.series[layer.metric].values
        sampled.append(values[:: -(-len(values) // _SAMPLED)])
    return typical_range(np.concatenate(sampled) if sampled else np.empty(0), log=True)


_SAMPLED = 64
"""Values of a layer that the range is taken of: bounded, since it is done at each redraw."""
