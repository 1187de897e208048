"""A panel that draws what was chosen of a run, such as a layer or a rank and a measure of it."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from trainmon.ui.panel import Panel
from trainmon.ui.scene import Scene

ChoiceT = TypeVar("ChoiceT")


class ChoicePanel(Panel, Generic[ChoiceT]):
    """Keeps what was chosen, by its own keys or in another panel of its page."""

    choice: ChoiceT
    """What is looked at; the class tells what is at first. It is frozen."""

    def inputs(self, scene: Scene) -> Hashable:
        """Return what is drawn from: the run, how charts are drawn, and what was chosen."""
        return scene.state, scene.settings, self.choice

    def look_at(self, choice: ChoiceT) -> None:
        """Show something else."""
        self.choice = choice
        self._redraw()
