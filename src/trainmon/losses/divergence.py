"""A divergence of a training loss that is open: how bad it is, when it is over, what is told."""

from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np

from trainmon.chance import chance_levels
from trainmon.context import Context
from trainmon.courses.cells import rate_at
from trainmon.courses.short_rises import Rise
from trainmon.rule import Block, Event, EventKind, Severity, known
from trainmon.store.batch import Floats


class Open(NamedTuple):
    """A divergence that is not over."""

    onset: int
    severity: Severity
    best: float
    limit: float
    """The level at which it is over."""
    told: float
    """The level that was told last."""
    by_records: bool = False
    """Whether single records told it, of which the first ones tell its end as well."""

    def turns(self, levels: Floats, retold: float) -> int | None:
        """Return the place of the first level at which it is over, or is to be told again.

        That is at `retold` times the rise that was told last.
        """
        worse = self.best + retold * (self.told - self.best)
        found = np.flatnonzero((levels <= self.limit) | (levels > worse))
        return int(found[0]) if len(found) else None

    def cleared(self, row: int, metric: str | None, how: str) -> Event:
        """Return the event that clears it."""
        title = f"{metric} {how}"
        return Event(EventKind.CLEARED, row, self.onset, self.severity, title, metric)


@dataclass(frozen=True, slots=True)
class Telling:
    """What makes a divergence an error, and what ends it."""

    times_chance: float
    """Times the chance level: worse than a model that ignores its inputs."""
    times_best: float
    """Times the best level: below it, it is over."""
    over: float
    """Share of the rise: likewise."""

    def limit(self, best: float, level: float, first: float) -> float:
        """Return the level at which a rise begins, and at which it is over.

        Where factors mean nothing that is no higher than where the run began, at `first`.
        """
        limit = best + self.over * (level - best)
        if best > 0:
            return min(limit, self.times_best * best)
        return min(limit, first) if first > best else limit

    def opened(
        self,
        now: Open | None,
        context: Context,
        block: Block,
        row: int,
        rise: Rise,
        first: float,
        metric: str,
        *,
        by_records: bool = False,
        rising: int = 0,
    ) -> tuple[Open, Event]:
        """Return the divergence that is open from a row on, and the event that tells it.

        `now` is what was open before, `first` the level at the beginning, and `rising` in how many
        checks in a row the level rose, or 0 where it did not open for that.
        """
        best, level, onset = rise
        sure = [chance.loss for chance in chance_levels(context, block, row) if chance.sure]
        lost = level >= first or (bool(sure) and level > self.times_chance * max(sure))
        severity = Severity.ERROR if lost else Severity.WARNING
        kind, limit = EventKind.OPENED, self.limit(best, level, first)
        if now:
            kind = EventKind.WORSENED if severity > now.severity else EventKind.REPEATED
            severity, limit, by_records = max(severity, now.severity), now.limit, now.by_records
        learned = first - best
        evidence = {
            "best": best,
            "value": level,
            "first": first,
            "baseline": sure[0] if sure else nan,
            "ratio": level / best if best > 0 else nan,
            "given_back": (level - best) / learned if learned > 0 else nan,
            "growing": rising or nan,
            "lr": rate_at(context, block, row),
        }
        title = f"{metric} left its best level of {best:.3g} and stands at {level:.3g}"
        if rising:
            title = f"{metric} rose in {rising} checks in a row, from {best:.3g} to {level:.3g}"
        event = Event(kind, row, onset, severity, title, metric, known(evidence))
        return Open(onset, severity, best, limit, level, by_records), event
