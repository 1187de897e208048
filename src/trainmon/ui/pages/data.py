"""The data: how long batches are waited for, when far too long, and how the loader is set."""

from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from trainmon.ui.page import Page
from trainmon.ui.panels.loader import LoaderPanel
from trainmon.ui.panels.wait_histogram import WaitHistogramPanel
from trainmon.ui.panels.wait_share import WaitSharePanel
from trainmon.ui.panels.wait_times import WaitTimesPanel
from trainmon.ui.panels.worst_waits import WorstWaitsPanel


class Data(Page):
    """The waits over the run on the left; how they spread and where they come from beside them."""

    AUTO_FOCUS = "WaitTimesPanel"

    def body(self) -> Iterable[Widget]:
        """Return the panels in two columns."""
        over_time = Vertical(
            WaitTimesPanel(id="wait-times"),
            WaitSharePanel(id="wait-share"),
            WorstWaitsPanel(id="worst-waits"),
            id="over-time",
        )
        beside = Vertical(
            WaitHistogramPanel(id="wait-histogram"), LoaderPanel(id="loader"), id="beside"
        )
        yield Horizontal(over_time, beside, id="charts")
