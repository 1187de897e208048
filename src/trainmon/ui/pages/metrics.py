"""The metrics: every series of the run as a small chart, filtered by name, pinned ones first."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from trainmon.ui.page import Page
from trainmon.ui.panels.metric_grid import MetricGrid
from trainmon.ui.screens.metric_chart import MetricChart
from trainmon.ui.typed_line import TypedLine


class Metrics(Page):
    """A wall of charts and a line to filter it by."""

    AUTO_FOCUS = "MetricGrid"

    def body(self) -> Iterable[Widget]:
        """Return the filter, hidden until it is asked for, over the charts."""
        yield TypedLine("words of a name, or a pattern with * and ?", id="filter")
        yield MetricGrid(id="metric-grid")

    def on_mount(self) -> None:
        """Filter as it was left."""
        super().on_mount()
        self.query_one(MetricGrid).filter(self._desk.metric_filter)

    def action_metrics(self) -> None:
        """Filter here instead of looking in a list."""
        self.query_one(TypedLine).open(self._desk.metric_filter)

    def action_back(self) -> None:
        """Show all metrics again."""
        line, grid = self.query_one(TypedLine), self.query_one(MetricGrid)
        if line.display or grid.wanted:
            line.clear()
            line.close()
            self._filter_by("")
            grid.focus()
        else:
            super().action_back()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._filter_by(event.value)

    def _filter_by(self, wanted: str) -> None:
        self._desk.metric_filter = wanted
        self.query_one(MetricGrid).filter(wanted)

    @on(Input.Submitted)
    def _filtered(self) -> None:
        self.query_one(TypedLine).close()
        self.query_one(MetricGrid).focus()

    @on(MetricGrid.Opened)
    def _open_metric(self, event: MetricGrid.Opened) -> None:
        self.app.push_screen(MetricChart(self._desk, event.metric))

    @on(MetricGrid.Pinned)
    def _pin_metric(self, event: MetricGrid.Pinned) -> None:
        self._desk.pin(event.metric)
        self.redraw()
