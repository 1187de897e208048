"""The system: each GPU and the host, now and as they went lately."""

from collections.abc import Iterable

from textual.widget import Widget

from trainmon.ui.page import Page
from trainmon.ui.panels.devices import DevicesPanel


class System(Page):
    """Live where the run is on this machine, as logged where it is elsewhere."""

    AUTO_FOCUS = "DevicesPanel"

    def body(self) -> Iterable[Widget]:
        """Return the devices."""
        yield DevicesPanel(id="devices")
