"""The card of a finding: what was measured, since when, what it means, what to do."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from trainmon.incidents import Incident, Key, Regard
from trainmon.ui.card_lines import card_lines
from trainmon.ui.keys import bindings_of, spelled
from trainmon.ui.screens.sheet import Sheet
from trainmon.view import RunView

Say = Callable[[Key, Regard], None]
"""Says something of a finding, or takes it back."""


class Card(Sheet):
    """One finding of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "go(1)", "next finding", tooltip="the card of the next finding"),
        Binding("N", "go(-1)", "previous finding", show=False, tooltip="that of the previous one"),
        Binding(
            "a",
            "regard('acknowledged')",
            "acknowledge",
            id="card.acknowledge",
            tooltip="acknowledge the finding, or not",
        ),
        Binding(
            "m",
            "regard('muted')",
            "mute",
            id="card.mute",
            tooltip="mute the finding, or not",
        ),
    ]

    def __init__(
        self, run: RunView, incident: Incident, go: Callable[[int], None], say: Say
    ) -> None:
        super().__init__(list(card_lines(run, incident)), _keys())
        self._key = incident.key
        self._go = go
        self._say = say

    def action_go(self, by: int) -> None:
        """Give way to the card of another finding."""
        self.dismiss()
        self.app.call_later(self._go, by)

    def action_regard(self, regard: str) -> None:
        """Give way to the card as it is when this is said of the finding."""
        self.dismiss()
        self.app.call_later(self._say, self._key, Regard(regard))


def _keys() -> str:
    """Return what can be done here, in words."""
    shown = [binding for binding in bindings_of(Card) if binding.show]
    words = [f"{spelled(each.key.partition(',')[0])} {each.description}" for each in shown]
    return "   ".join(words)
