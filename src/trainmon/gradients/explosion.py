"""An explosion of the gradients that is open: how long it lasts, when it is over, what is told."""

from math import isfinite, nan
from typing import Any, Literal, NamedTuple

from trainmon.context import Context
from trainmon.courses.cells import rate_at
from trainmon.digest import CELL, Digest
from trainmon.gradients.leading_layers import largest, leading
from trainmon.record import spell
from trainmon.rule import Block, Event, EventKind, Severity, known

How = Literal["sudden", "start", "steady"]

_CALM = 2
"""Calm cells in a row after which it is over."""


class Open(NamedTuple):
    """An explosion that is not over."""

    onset: int
    usual: float
    """The norm that it is measured against."""
    severity: Severity = Severity.WARNING
    cells: int = 0
    """Cells in which it lasted."""
    calm: int = 0
    """Calm cells in a row."""

    def after(self, digest: Digest, cell: int, back: float) -> "Open":
        """Return it after one more cell; `back` times the usual norm is calm."""
        limit = back * self.usual
        lasts = bool(digest.bad[cell] == CELL or digest.median[cell] > limit)
        calm = bool(digest.bad[cell] == 0 and digest.high[cell] <= limit)
        return self._replace(cells=self.cells + lasts, calm=self.calm + 1 if calm else 0)

    @property
    def is_over(self) -> bool:
        """Whether it has been calm for long enough."""
        return self.calm >= _CALM

    def cleared(self, row: int, metric: str) -> Event:
        """Return the event that clears it."""
        title = f"{metric} is back to its usual size"
        return Event(EventKind.CLEARED, row, self.onset, self.severity, title, metric)

    def lasting(
        self, context: Context, block: Block, row: int, metric: str, value: float
    ) -> tuple["Open", Event]:
        """Return it as an error, since it lasts, and the event that tells that."""
        records = CELL * self.cells
        title = f"{metric} has been far above its usual {self.usual:.3g} for {records} records"
        evidence = {"value": value, "median": self.usual, "ratio": value / self.usual}
        evidence |= {"lr": rate_at(context, block, row), "records": records}
        severity, told = Severity.ERROR, known(evidence)
        event = Event(EventKind.WORSENED, row, self.onset, severity, title, metric, told)
        return self._replace(severity=severity), event


def opened(
    context: Context, block: Block, row: int, metric: str, now: Open, value: float, how: How
) -> Event:
    """Return the event that opens an explosion: the norm, the rate and the layer that leads."""
    evidence: dict[str, Any] = {
        "how": how,
        "median": now.usual,
        "value": spell(value),
        "ratio": spell(value / now.usual),
        "lr": rate_at(context, block, row),
        "clip": context.clip or nan,
        **leading(context, block, row, largest),
    }
    ratio = f"{value / now.usual:,.0f} times" if isfinite(value) else "beyond all bounds of"
    title = {
        "sudden": f"{metric} is {ratio} its usual size",
        "start": f"{metric} is {ratio} what it was at the start, and the loss does not fall",
        "steady": f"{metric} grows and grows: it is {ratio} what it was three tenths ago",
    }[how]
    return Event(EventKind.OPENED, row, now.onset, now.severity, title, metric, known(evidence))
