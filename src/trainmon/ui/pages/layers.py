"""The layers: gradients, weights and updates of each over time, and one of them in full."""

from collections.abc import Iterable

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from trainmon.ui.page import Page
from trainmon.ui.panels.layer_curve import LayerCurvePanel
from trainmon.ui.panels.layers import LayersPanel


class Layers(Page):
    """All layers, and below them the one under the cursor."""

    AUTO_FOCUS = "LayersPanel"

    def body(self) -> Iterable[Widget]:
        """Return the map over the curve."""
        yield Vertical(LayersPanel(id="layers"), LayerCurvePanel(id="layer"), id="charts")

    @on(LayersPanel.Chosen)
    def _look_at(self, event: LayersPanel.Chosen) -> None:
        self.query_one(LayerCurvePanel).look_at(event.choice)
