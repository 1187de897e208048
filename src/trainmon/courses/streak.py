"""How often in a row a trouble was seen, and what has been told of it.

The life of a finding that is decided evaluation by evaluation: it opens, becomes worse, is told
again at growing gaps, and clears.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainmon.rule import Event, EventKind, Severity, known

_GAP = 1.1
"""Growth of the count at which a finding is told again: a few dozen times in any run."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Evaluations in a row that showed one trouble."""

    count: int = 0
    onset: int = 0
    """The row of the first of them."""
    severity: Severity | None = None
    """The severity of the finding, while it is open."""
    told: int = 0
    """The count at which it was told last."""

    def seen(self, row: int) -> "Streak":
        """Return the streak with one more evaluation.

        >>> Streak().seen(5).seen(9)
        Streak(count=2, onset=5, severity=None, told=0)
        """
        return replace(self, count=self.count + 1, onset=self.onset if self.count else row)

    def tell(
        self,
        row: int,
        severity: Severity | None,
        title: str,
        metric: str | None,
        evidence: Mapping[str, Any],
    ) -> tuple["Streak", list[Event]]:
        """Return the streak after it was decided how bad it is, and what is told of that.

        Without a severity nothing is; a finding that is open keeps the worst that it reached.
        """
        if severity is None and self.severity is None:
            return self, []
        worst = max(severity or Severity.INFO, self.severity or Severity.INFO)
        kind = EventKind.REPEATED
        if self.severity is None:
            kind = EventKind.OPENED
        elif worst > self.severity:
            kind = EventKind.WORSENED
        elif self.count < self.told * _GAP:
            return self, []
        event = Event(kind, row, self.onset, worst, title, metric, known(evidence))
        return replace(self, severity=worst, told=self.count), [event]

    def over(self, row: int, title: str, metric: str | None) -> tuple["Streak", list[Event]]:
        """Return a new streak after an evaluation without the trouble, and that it is over."""
        if self.severity is None:
            return Streak(), []
        event = Event(EventKind.CLEARED, row, self.onset, self.severity, title, metric)
        return Streak(), [event]
