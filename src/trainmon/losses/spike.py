"""A spike of a loss that is open: what it is measured against, when it is over, what is told."""

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from trainmon.rule import Event, EventKind, Severity
from trainmon.store.batch import Floats, Rows


@dataclass(frozen=True, slots=True)
class Spike:
    """A spike that is not over: where it began and what it is measured against."""

    metric: str
    row: int
    index: int
    """The number of the sample among the finite ones since the baseline began."""
    median: float
    mad: float
    warned: bool = False
    """Whether it was told that it stays."""
    soon: float = inf
    """Samples in which it is over if it is harmless, where each stands for several steps."""
    matters: bool = False
    """Whether it is one of many that matter together."""

    @property
    def severity(self) -> Severity:
        """The severity that was told last."""
        return Severity.WARNING if self.warned or self.matters else Severity.INFO

    def cleared(self, row: int, how: str) -> Event:
        """Return the event that clears it."""
        title, severity = f"{self.metric} {how}", self.severity
        return Event(EventKind.CLEARED, row, self.row, severity, title, self.metric)

    def worsened(self, row: int, value: float, samples: int) -> Event:
        """Return the event that tells that it has stayed for so many samples."""
        title = f"{self.metric} jumped from {self.median:.3g} and stayed there, now {value:.3g}"
        evidence = {"median": self.median, "value": value, "samples": samples}
        severity, metric = Severity.WARNING, self.metric
        return Event(EventKind.WORSENED, row, self.row, severity, title, metric, evidence)


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long a spike is followed."""

    back_within: float
    """MAD: as near as this to its old median it is back."""
    floor: float
    """Of the median: the least spread assumed."""
    soon: int
    """Samples in which a harmless spike is over."""
    never: int
    """Samples after which the level counts as a new one."""

    def follow(
        self, spike: Spike, seen: int, rows: Rows, values: Floats, at: int
    ) -> tuple[Event | None, int, Spike | None]:
        """Return the next event of a spike, where to go on, and what is open then.

        `seen` is the number of the first of the values, and `at` the place of the first one behind
        what is known of the spike.
        """
        spread = max(spike.mad, self.floor * abs(spike.median))
        back = np.flatnonzero(values[at:] <= spike.median + self.back_within * spread)
        over = at + int(back[0]) if len(back) else len(rows)
        soon = int(min(self.soon, spike.soon))
        patience = spike.index + (self.never if spike.warned else soon) - seen
        if min(over, patience) >= len(rows):
            return None, len(rows), spike
        if over <= patience:
            how = f"was back after {seen + over - spike.index} samples"
            return spike.cleared(int(rows[over]), how), over + 1, None
        if spike.warned:
            return None, patience + 1, None
        warned = replace(spike, warned=True)
        event = warned.worsened(int(rows[patience]), float(values[patience]), soon)
        return event, patience + 1, warned
