"""The comparison: two runs at equal samples, epochs or steps, and what their settings differ in."""

from collections.abc import Iterable

from textual.containers import Container
from textual.widget import Widget

from trainmon.ui.panels.compared import ComparedPanel
from trainmon.ui.panels.differences import DifferencesPanel
from trainmon.ui.panels.runs import RunsPanel
from trainmon.ui.runs.runs_page import RunsPage


class Compare(RunsPage):
    """The run that is looked at, and the one that is laid over it."""

    AUTO_FOCUS = "ComparedPanel"

    def body(self) -> Iterable[Widget]:
        """Return curves beside differences, over the runs to choose from."""
        yield Container(ComparedPanel(id="compared"), DifferencesPanel(id="differences"), id="both")
        yield RunsPanel(id="compare-runs")
        yield self.run_filter()
