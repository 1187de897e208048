"""The ranks: all processes of a run side by side, and the one that the others wait for."""

from collections.abc import Iterable

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from trainmon.ui.page import Page
from trainmon.ui.panels.rank_spread import RankSpreadPanel
from trainmon.ui.panels.rank_strips import RankStripsPanel
from trainmon.ui.panels.rank_table import RankTablePanel


class Ranks(Page):
    """Strips over a table and the spread."""

    AUTO_FOCUS = "RankStripsPanel"

    def body(self) -> Iterable[Widget]:
        """Return the strips, and what tells the same in numbers below them."""
        below = Horizontal(
            RankTablePanel(id="rank-table"), RankSpreadPanel(id="rank-spread"), id="rank-numbers"
        )
        yield Vertical(RankStripsPanel(id="rank-strips"), below, id="charts")

    @on(RankStripsPanel.Chosen)
    def _look_at(self, event: RankStripsPanel.Chosen) -> None:
        self.query_one(RankTablePanel).look_at(event.choice)
        self.query_one(RankSpreadPanel).look_at(event.choice)
