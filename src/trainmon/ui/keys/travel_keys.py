"""The keys that travel in time: the whole screen as it stood at an earlier record."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from trainmon.ui.keys.chart_keys import ChartKeys

_TRAVELLED = 0.02
"""Of the run: how far a key travels."""


class TravelKeys(ChartKeys):
    """A screen that shows a run as it stood at the moment of a desk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("less_than_sign", "travel(-1)", "back", show=False, tooltip="travel back in time"),
        Binding(
            "greater_than_sign", "travel(1)", "forth", show=False, tooltip="and forth, up to now"
        ),
        Binding(
            "comma", "decision(-1)", "decision", show=False, tooltip="back to where a rule decided"
        ),
        Binding("full_stop", "decision(1)", "decision", show=False, tooltip="and forth"),
        Binding("end", "now", "now", show=False, tooltip="back to now, unless in a list: its last"),
    ]

    def action_travel(self, by: int) -> None:
        """Look at the run as it stood a little earlier, or later."""
        self._desk.travel(by * _TRAVELLED)
        self.redraw()

    def action_now(self) -> None:
        """Look at the run as it stands now."""
        self._desk.moment = None
        self.redraw()

    def action_decision(self, by: int) -> None:
        """Look at the run as it stood when a rule decided something."""
        self._desk.travel_to_decision(by)
        self.redraw()
