"""Streaks of several metrics, each by itself, and how often each of them was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from trainmon.courses.streak import Streak
from trainmon.rule import Event


@dataclass(frozen=True, slots=True)
class Streaks:
    """The streaks by what they are about, and how many evaluations there were, by metric."""

    baseline_row: int = -1
    by_metric: Mapping[str, Streak] = field(default_factory=lambda: MappingProxyType({}))
    seen: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def over(self, row: int) -> list[Event]:
        """Return that all of them are over at a row, from which on the run began anew."""
        every = self.by_metric.items()
        return [
            event
            for metric, streak in every
            for event in streak.over(row, "the run began anew", metric)[1]
        ]
