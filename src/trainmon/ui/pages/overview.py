"""The overview: what matters now, the worst finding first."""

from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from trainmon.ui.panels.data_wait import DataWaitPanel
from trainmon.ui.panels.findings import FindingsPanel
from trainmon.ui.panels.gradient import GradientPanel
from trainmon.ui.panels.learning_rate import LearningRatePanel
from trainmon.ui.panels.loss import LossPanel
from trainmon.ui.panels.machine import MachinePanel
from trainmon.ui.panels.runs import RunsPanel
from trainmon.ui.panels.strip import Strip
from trainmon.ui.runs.runs_page import RunsPage


class Overview(RunsPage):
    """A panel of everything on one screen."""

    AUTO_FOCUS = "LossPanel"

    def body(self) -> Iterable[Widget]:
        """Return charts over lists; what a small terminal has no room for the styles hide."""
        left = Vertical(LossPanel(id="loss"), LearningRatePanel(id="learning-rate"), id="left")
        right = Vertical(
            GradientPanel(id="gradient"),
            DataWaitPanel(id="data-wait"),
            MachinePanel(id="machine"),
            id="right",
        )
        yield Horizontal(left, right, id="charts")
        yield Strip(id="strip")
        yield Horizontal(FindingsPanel(id="findings"), RunsPanel(id="runs"), id="lists")
        yield self.run_filter()
