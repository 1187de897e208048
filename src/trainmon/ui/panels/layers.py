"""The layers of the model over time: a row each, the larger the denser."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from trainmon.ui.charts.cells import Part, shortened, width_of
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.heatmap import HeatMap, HeatOptions, HeatRow, draw_heatmap
from trainmon.ui.charts.ink import Ink
from trainmon.ui.choice_panel import ChoicePanel
from trainmon.ui.cursor_panel import CursorPanel, pages_and_ends, up_and_down
from trainmon.ui.curves.curves import axis_of, curve
from trainmon.ui.curves.looking import pointed_at, shown_range, told_place, told_value
from trainmon.ui.curves.plots import border, empty
from trainmon.ui.layers.layer_words import counts_of, labels_of, tails_of
from trainmon.ui.layers.layers import (
    MEASURES,
    Layer,
    LayerChoice,
    Measure,
    layers_of,
    metrics_of,
    range_of,
)
from trainmon.ui.scene import Scene
from trainmon.view import RunView

_LABEL_SHARE = 3
"""The part of the width that names may take."""

_AXIS = 3
"""Rows below the map: two of the axis, and one of the scale."""

_WORDED = 100
"""Columns from which on there is room for a word behind each value; its glyph stands anyway."""


class LayersPanel(CursorPanel, ChoicePanel[LayerChoice]):
    """A heat map of what is measured of each layer, with a cursor on one of them."""

    title = "layers"
    choice = LayerChoice()
    _told: tuple[RunView, Measure, list[Layer]] | None = None
    """The layers of a run in a measure: a key asks several times, and a thousand take a while."""
    BINDINGS: ClassVar[list[BindingType]] = [
        *up_and_down("layer"),
        *pages_and_ends("layer", "ten layers"),
        Binding(
            "g",
            "measure",
            "gradients, weights",
            tooltip="of each layer the next: gradient norm, weight norm, update ratio",
        ),
        Binding("e", "trouble", "next in trouble", tooltip="the next layer in trouble"),
    ]

    @dataclass
    class Chosen(Message):
        """Another layer, or another measure of it, is looked at."""

        choice: LayerChoice

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the layers, which are logged less often than the rest."""
        run, settings = scene.run, scene.settings
        if run is None:
            return scene.state, self.choice
        told = sum(
            len(run.drawn.series[name]) for each in MEASURES for name in metrics_of(run, each)
        )
        reach = None if settings.window.is_whole else run.drawn.n_rows
        return run.key, told, len(run.drawn.rewinds), reach, settings, scene.moment, self.choice

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the map in its box."""
        return draw_layers(scene, height, width, self.choice, focus=self.has_focus)

    @property
    def count(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    @property
    def place(self) -> int:
        """Where the chosen layer is among them."""
        return self.choice.place(self._layers)

    def go(self, place: int) -> None:
        """Go to another layer."""
        self._choose(replace(self.choice, layer=self._layers[place].name))

    def place_under(self, row: int, col: int) -> int | None:
        """Return the layer whose row is at a cell."""
        del col
        rows = map_rows(self.size.height, self.count)
        return first_row(self.place, rows, self.count) + row - 1 if 0 < row <= rows else None

    def action_trouble(self) -> None:
        """Go to the next layer in trouble, around the end."""
        layers = self._layers
        here = self.choice.place(layers)
        order = [*range(here + 1, len(layers)), *range(here + 1)]
        found = next((at for at in order[: len(layers)] if layers[at].trouble), None)
        if found is not None:
            self.go(found)

    def action_measure(self) -> None:
        """Show the next measure of the layers."""
        if self._scene and self._scene.run:
            self._choose(self.choice.next_measure(self._scene.run))

    @property
    def _layers(self) -> list[Layer]:
        run = self._scene.run if self._scene else None
        measure = self.choice.shown(run) if run else None
        if run is None or measure is None:
            return []
        if self._told is None or self._told[0] is not run or self._told[1] is not measure:
            self._told = run, measure, layers_of(run, measure)
        return self._told[2]

    def _choose(self, choice: LayerChoice) -> None:
        self.look_at(choice)
        self.post_message(self.Chosen(choice))


def draw_layers(
    scene: Scene,
    height: int,
    width: int,
    choice: LayerChoice | None = None,
    *,
    focus: bool = False,
) -> Grid:
    """Return the layers of the run of a scene, those around the chosen one."""
    choice = choice or LayerChoice()
    run, title = scene.run, list[Part]([("layers", Ink.TITLE)])
    measure = choice.shown(run) if run else None
    if run is None or measure is None:
        hint = "no layers in this log:\nlog.watch(model, optimizer)" if run else ""
        return empty(height, width, title, hint, focus=focus)
    layers = layers_of(run, measure)
    here = choice.place(layers)
    heat = _heat(scene, run, layers, here, (height, width), focus=focus)
    grid = Grid(height, width)
    grid.paste(heat.grid, 1, 2)
    _foot(grid, heat.legend, layers, here)
    others = [each for each in MEASURES if each is not measure and metrics_of(run, each)]
    title = [(f"{measure.title} of layers", Ink.TITLE)]
    if place := told_place(run, scene.settings):
        title.append((f"  at {place}", Ink.DIM))
    title += [(f"  {each.title}", Ink.DIM) for each in others]
    title += [("  g", Ink.KEY)] if others else []
    border(grid, title, counts_of(layers), focus=focus)
    return grid


def _heat(
    scene: Scene,
    run: RunView,
    layers: Sequence[Layer],
    here: int,
    size: tuple[int, int],
    *,
    focus: bool,
) -> HeatMap:
    """Return the map of the layers around the one under the cursor, in a panel of some size."""
    (height, width), settings = size, scene.settings
    rows = map_rows(height, len(layers))
    first = first_row(here, rows, len(layers))
    shown = range(first, min(first + rows, len(layers)))
    found = {at: curve(run, layers[at].metric, settings) for at in shown}
    values = {
        at: told_value(run, settings, each) if each else layers[at].last
        for at, each in found.items()
    }
    labels = labels_of(layers, max((width - 4) // _LABEL_SHARE, 1), here if focus else None)
    tails = tails_of(layers, values, here, worded=width >= _WORDED)
    drawn = [
        HeatRow(labels[at], each.x if each else [], each.y if each else [], tails[at])
        for at, each in found.items()
    ]
    options = HeatOptions(
        log=True,
        x_kind=axis_of(run.drawn, settings),
        x_range=shown_range(run, settings),
        value_range=range_of(run, layers),
        pointed_at=pointed_at(run, settings),
    )
    return draw_heatmap(min(rows + 2, height - 3), width - 4, drawn, options)


def map_rows(height: int, count: int) -> int:
    """Return how many layers a panel of this height shows."""
    return max(0, min(count, height - 2 - _AXIS))


def first_row(here: int, rows: int, count: int) -> int:
    """Return the first layer that is shown, so that the one under the cursor is in the middle."""
    return max(0, min(here - rows // 2, count - rows))


def _foot(grid: Grid, legend: Sequence[Part], layers: Sequence[Layer], here: int) -> None:
    """Write the scale, and which of the layers the cursor is on, in the last row."""
    row, end = grid.height - 2, grid.width - 2
    if row < _AXIS:
        return
    place: list[Part] = [(f"layer {here + 1:,} of {len(layers):,}", Ink.DIM)]
    keys: list[Part] = [("e", Ink.KEY), (" next in trouble   ", Ink.DIM)]
    for parts in ([*keys, *place], place):
        troubled = any(layer.trouble for layer in layers) or parts is place
        if troubled and width_of(legend) + width_of(parts) + 2 <= end - 2:
            grid.write_parts(row, end - width_of(parts), parts)
            break
    grid.write_parts(row, 2, shortened(legend, end - 2))
