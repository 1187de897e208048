"""One metric over the whole screen."""

from collections.abc import Hashable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from trainmon.ui.charts.cells import Part
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.looking import cross_hair, options_of, told_place, told_value
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.curves.plots import boxed
from trainmon.ui.desk import Desk
from trainmon.ui.keys.chart_keys import ChartKeys
from trainmon.ui.metrics.metric_lines import curve_of, series_of, spelled_value
from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene


class MetricChart(ChartKeys, ModalScreen[None]):
    """One metric over the whole screen, with the keys that charts have on pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "close", tooltip="back")
    ]

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk)
        self._metric = name

    def compose(self) -> ComposeResult:
        """Lay out the chart."""
        yield MetricPanel(self._metric)

    def on_mount(self) -> None:
        """Draw it."""
        self.redraw()

    def redraw(self) -> None:
        """Draw it as the keys have set it."""
        scene = self._desk.scene()
        if scene:
            self.query_one(MetricPanel).show(scene)


class MetricPanel(Panel):
    """The chart of any one metric."""

    title = "metric"
    DEFAULT_CSS = "MetricPanel { width: 100%; height: 100%; }"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name_of_metric = name

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, and how charts are drawn."""
        return scene.state, scene.settings

    def draw(self, scene: Scene, height: int, width: int) -> Grid:
        """Return the chart in its box."""
        return draw_metric(self._name_of_metric, scene, height, width)


def draw_metric(name: str, scene: Scene, height: int, width: int) -> Grid:
    """Return one metric of the run of a scene as a large chart."""
    found = curve_of(scene, name)
    if scene.run is None or found is None:
        return Grid(height, width)
    told = spelled_value(scene.run, name, told_value(scene.run, scene.settings, found))
    place = told_place(scene.run, scene.settings)
    title: list[Part] = [(name, Ink.TITLE), (f"  at {place}" if place else "", Ink.DIM)]
    titles = (title, [[(told, Ink.STRONG)]])
    series = series_of(scene, found, named=True)
    marks = marks_of(scene.run, scene.settings, name) + cross_hair(scene.run, scene.settings)
    options = options_of(scene.run, scene.settings)
    return boxed(height, width, titles, series, marks, options, focus=True)
