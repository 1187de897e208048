"""Who wants to know what is logged: early stopping, and the search for what became NaN."""

from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import SupportsFloat, cast

from trainmon.writer.draft import Draft
from trainmon.writer.scalar import Scalar

Hear = Callable[[Mapping[str, Scalar], float | None], None]
"""Gets the values of a line by name, its epoch among them, NaN spelled as in the log; and its
step."""


def is_loss(name: str) -> bool:
    """Return whether a metric of this name is a loss, by which a training stands or falls.

    >>> is_loss("train/loss"), is_loss("val_loss/aux"), is_loss("loss_scale"), is_loss("lr")
    (True, True, False, False)
    """
    lowered = name.lower()
    return "loss" in lowered and "scale" not in lowered


class Audience:
    """Listeners, each to the lines that hold one of the names it cares for."""

    __slots__ = ("_listeners", "nonfinite_loss")

    def __init__(self) -> None:
        self._listeners: list[tuple[frozenset[str], Hear]] = []
        self.nonfinite_loss: str | None = None
        """The first loss that was NaN or infinite."""

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def listen(self, names: Collection[str], hear: Hear) -> None:
        """Let `hear` have the lines that hold one of `names`."""
        self._listeners.append((frozenset(names), hear))

    def hear(self, line: Mapping[str, object]) -> None:
        """Give the values of a line to those who care for one of its names."""
        for names, hear in self._listeners:
            if not names.isdisjoint(line):
                hear(cast("Mapping[str, Scalar]", line), _number(line.get("step")))

    def look(self, draft: Draft) -> None:
        """Look at a line that was not made of plain finite numbers alone, and let it be heard."""
        if self.nonfinite_loss is None:
            losses = (name for name in draft.non_finite() if is_loss(name))
            self.nonfinite_loss = next(losses, None)
        self.hear(draft.line)


def _number(step: object) -> float | None:
    if not isinstance(step, SupportsFloat):
        return None
    number = float(step)
    return number if isfinite(number) else None
