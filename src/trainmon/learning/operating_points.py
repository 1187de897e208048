"""Rates of one family that are equal where they must differ, or that stand on an example or two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trainmon.context import Context
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import value_at
from trainmon.learning.chance_metrics import evaluation_at
from trainmon.learning.families import point_of
from trainmon.learning.score_signs import Sign
from trainmon.roles import Direction
from trainmon.rule import Block

_EXACT = 1e-4
"""How near to a whole number of examples a rate must be, as it is rounded."""


@dataclass(frozen=True, slots=True)
class OperatingPoints:
    """When rates at different operating points must differ."""

    confirm: int
    """Evaluations in a row."""
    confirm_pair: int
    """The same, of two members without counts."""
    members: int
    """Of a family that agree, where no counts are told."""
    fewest: int
    """Samples at the value on which members agree."""
    saturated: float
    """A share of hits: above it little is left to be found."""
    steep: float
    """A true-positive rate: above it the rest may be hard cases."""
    tail: int
    """Examples of which one or two are a tail and no small draw."""

    def sign(self, context: Context, block: Block, row: int, members: Sequence[str]) -> Sign | None:
        """Return what the members of a family show at a row."""
        values = {name: value_at(block, name, row) for name in members}
        told = evaluation_at(block, row)
        equal: dict[float, list[str]] = {}
        for name, value in values.items():
            if value is not None and 0 < value < 1:
                equal.setdefault(value, []).append(name)
        for value, names in sorted(equal.items(), key=lambda pair: -len(pair[1])):
            if len(names) == 1 or not self._must_differ(context, names, value, told):
                continue
            counted = _negatives(told) is not None
            if not counted and _stood(block, names, row):
                return None  # a small draw gives the same few values again and again
            sure = counted or len(names) >= self.members
            points = " = ".join([names[0], *(_short(name, names[0]) for name in names[1:])])
            evidence = {"value": value, "members": names, "n": told.n, "positives": told.positives}
            title = f"{points} = {value:.3g}: the scores are not apart"
            return Sign(title, self.confirm if sure else self.confirm_pair, evidence)
        return self._in_the_tail(values, told)

    def _in_the_tail(
        self, values: Mapping[str, float | None], told: EvaluationEvent
    ) -> Sign | None:
        """Return that a rate stands on one or two examples."""
        positives = told.positive_count or 0
        for name, value in values.items():
            hits = (value or 0.0) * positives
            whole = abs(hits - round(hits)) < _EXACT
            if positives >= self.tail and round(hits) in (1, 2) and whole:
                title = f"{name} stands on {round(hits)} of {positives:,} positives"
                return Sign(title, None, {"value": value, "positives": positives})
        return None

    def _must_differ(
        self, context: Context, names: Sequence[str], value: float, told: EvaluationEvent
    ) -> bool:
        """Return whether so many examples lie between the points that values must differ."""
        negatives, positives = _negatives(told), told.positive_count
        if context.role(names[0]).direction == Direction.LOWER:
            return negatives is None or value * negatives >= self.fewest
        points = [point for name in names if (point := point_of(name)) is not None]
        if not points:
            return value < self.saturated and (told.n is None or value * told.n >= self.fewest)
        known = negatives is not None and positives is not None
        if not known or value > self.steep:
            return False
        return min(points) * (negatives or 0) >= self.fewest <= value * (positives or 0)


def _negatives(told: EvaluationEvent) -> int | None:
    """Return how many samples are of the first of two classes."""
    positives = told.positive_count
    return None if told.n is None or positives is None else told.n - positives


def _stood(block: Block, names: Sequence[str], row: int) -> bool:
    """Return whether a metric has the value that it had the time before."""
    values = block.before(names[0], 2, row + 1).values
    return len(values) > 1 and values[-1] == values[-2]


def _short(name: str, first: str) -> str:
    """Return what a member's name adds to that of the first.

    >>> _short("val/fpr@tpr.85", "val/fpr@tpr.5")
    '.85'
    """
    same = 0
    while same < min(len(name), len(first)) and name[same] == first[same]:
        same += 1
    return name[same - 1 :] if same and name[same - 1] == "." else name[same:]
