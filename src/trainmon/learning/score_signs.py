"""What one evaluation shows of scores that are not apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainmon.courses.streak import Streak
from trainmon.rule import Event, Severity

_TWICE = 2
"""Evaluations in a row until anything is told: one may be an accident of rounding."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one evaluation shows of a heap of scores."""

    title: str
    warns_at: int | None
    """Evaluations in a row at which it is a warning; None if it is worth knowing only."""
    evidence: Mapping[str, Any]


def after(streak: Streak, row: int, metric: str, sign: Sign | None) -> tuple[Streak, list[Event]]:
    """Return the streak after one evaluation, and what is told of it."""
    if sign is None:
        return streak.over(row, f"{metric}: the scores are apart again", metric)
    streak = streak.seen(row)
    severity = None
    if streak.count >= _TWICE:
        loud = sign.warns_at is not None and streak.count >= sign.warns_at
        severity = Severity.WARNING if loud else Severity.INFO
    head, _, tail = sign.title.partition(":")
    title = f"{head} in {streak.count} evaluations" + (f":{tail}" if tail else "")
    evidence = {key: value for key, value in sign.evidence.items() if value is not None}
    return streak.tell(row, severity, title, metric, evidence | {"evaluations": streak.count})
