"""A rule that is stepped whatever comes, to see whether it misses what does not wake it."""

from collections.abc import Collection, Sequence
from typing import Any

from trainmon.context import Context
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, Rule
from trainmon.store.batch import HEADER, Record


class Woken(Rule[Any]):
    """Decides as the rule it is made of."""

    hears = frozenset((HEADER, *EventKind))

    def __init__(self, rule: Rule[Any]) -> None:
        self.rule = rule
        self.id = rule.id  # type: ignore[misc]  # it stands for many rules
        self.needs = rule.needs  # type: ignore[misc]  # likewise

    def watched(self, context: Context) -> Collection[str]:
        """Return all metrics."""
        return context.names(*Role)

    def paced(self, context: Context) -> Collection[str]:
        """Return what the rule itself is paced by."""
        return self.rule.paced(context)

    def begin(self) -> Any:  # noqa: ANN401 - a state is the rule's own matter
        """Return the rule's own state."""
        return self.rule.begin()

    def step(self, state: Any, context: Context, block: Block) -> tuple[Any, Sequence[Event]]:  # noqa: ANN401 - likewise
        """Let the rule decide."""
        return self.rule.step(state, context, block)

    @staticmethod
    def fires() -> list[Record]:
        """Return nothing: the rule itself has an example."""
        return []

    @staticmethod
    def quiet() -> list[Record]:
        """Return nothing, likewise."""
        return []
