"""The scores of a model are not apart: many samples share a few values.

Looks for
---------
Metrics that must differ and do not, and metrics that only scores in a heap have.

Why it matters
--------------
A ranking that is broken by ties cannot be set to an operating point: at every threshold either all
of the heap is taken or none of it. Saturated outputs, half precision, a clipped or rounded score,
or a head that has collapsed look good in AUROC and are useless where it counts.

Fires when
----------
In 2 evaluations in a row:

- three members of a family of operating points (fpr at several tpr, recall at several k ...), or
  two where the counts show that it is no small draw, are bit-equal, and neither 0 nor 1
- AUROC is .5 exactly: all scores are one
- average precision is the prevalence to the last bit: likewise
- an evaluation event tells fewer than 1 % distinct scores, and no more than 32

Where only two members without counts agree, it is info until the fifth time; a rate that stands on
one or two of a thousand examples is info.

Stays quiet
-----------
Where so few examples lie between two operating points that they are one: the evaluation must count
10 samples at the value on which they agree. On hard labels that are told as scores, of which
there are two values only, it is info.

What to do
----------
Look at the histogram of the scores. Evaluate logits in single precision rather than probabilities;
do not round or clip them; look at the loss of the confident: label smoothing, a lower temperature.

Sources
-------
Field report of a detector whose rates at tpr .5, .7 and .85 became one when its tail collapsed.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("degenerate-scores")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title
('warning', 'val/fpr@tpr.5 = .7 = .85 = 0.0014 in 2 evaluations: the scores are not apart')
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.fields import count
from trainmon.evaluating.metrics import quantity_of, value_at
from trainmon.learning.chance_metrics import evaluation_at
from trainmon.learning.families import families, point_of
from trainmon.learning.seldom import is_due
from trainmon.record import EventKind
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold


@dataclass(frozen=True, slots=True)
class Sign:
    """What one evaluation shows of a heap of scores."""

    title: str
    warns_at: int | None
    """Evaluations in a row at which it is a warning; None if it is worth knowing only."""
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Watch:
    """The streaks by what they are about, and how many evaluations there were."""

    baseline_row: int = -1
    streaks: Mapping[str, Streak] = field(default_factory=lambda: MappingProxyType({}))
    seen: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class DegenerateScores(Rule[Watch]):
    """Scores that are not apart."""

    id = "degenerate-scores"
    summary = "scores are not apart: rates that must differ are equal, or AUROC is exactly .5"
    needs = (
        Need(
            "val/fpr@tpr.85",
            (Role.VAL_METRIC,),
            'log.evaluation("val", targets, scores, step=step)',
            events=("evaluation",),
        ),
    )
    hears = frozenset({"evaluation"})

    confirm: int = threshold(2, "evaluations in a row: one may be an accident of rounding")
    confirm_pair: int = threshold(5, "of two members without counts; until then it is info")
    members: int = threshold(3, "of a family that agree, where no counts are told")
    fewest: int = threshold(10, "samples at the value on which members agree")
    saturated: float = threshold(0.9, "a share of hits: above it little is left to be found")
    steep: float = threshold(0.5, "a true-positive rate: above it the rest may be hard cases")
    unique: float = threshold(0.01, "of the scores are distinct")
    heap: int = threshold(32, "distinct scores at most: half precision has more")
    samples: int = threshold(200, "of an evaluation, at least, to count distinct scores in")
    ranks: float = threshold(0.65, "an AUROC above it: the few values still rank")
    tail: int = threshold(1_000, "examples of which one or two are a tail and no small draw")

    def watched(self, context: Context) -> Collection[str]:
        """Return the members of families and the areas under curves."""
        members = [name for names in families(context).values() for name in names]
        return [*members, *_areas(context)]

    def begin(self) -> Watch:
        """Return the state before the first row."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge each family, each area and each event by itself."""
        seen = dict(state.seen) if state.baseline_row == context.baseline_row else {}
        looks = sorted(self._looks(context, block, seen), key=lambda look: look[0])
        if not looks:  # of a new baseline the first ones are judged
            return replace(state, seen=MappingProxyType(seen or state.seen)), []
        streaks = dict(state.streaks)
        events = list[Event]()
        if state.baseline_row != context.baseline_row:
            for metric, streak in streaks.items():
                events += streak.over(looks[0][0], "the run began anew", metric)[1]
            streaks = {}
        for row, metric, sign in looks:
            streaks[metric], told_now = _decided(streaks.get(metric, Streak()), row, metric, sign)
            events += told_now
        kept = MappingProxyType(streaks)
        return Watch(context.baseline_row, kept, MappingProxyType(seen)), events

    def _looks(
        self, context: Context, block: Block, seen: dict[str, int]
    ) -> Iterator[tuple[int, str, Sign | None]]:
        """Yield what each evaluation shows, with its row and what it is about."""
        for stem, members in families(context).items():
            for row in _due_rows(block, members[-1], seen):
                yield row, stem, self._family(context, block, row, members)
        for name in _areas(context):
            for row in _due_rows(block, name, seen):
                yield row, name, self._area(block, row, name)
        for event in block.events:
            if event.kind == EventKind.EVALUATION and event.fields.get("split") != "train":
                told, unique = EvaluationEvent.of(event.fields), event.fields.get("unique")
                yield event.row, f"{told.split or 'val'}/scores", self._scores(told, count(unique))

    def _family(
        self, context: Context, block: Block, row: int, members: Sequence[str]
    ) -> Sign | None:
        """Return what the members of a family show at a row."""
        values = {name: value_at(block, name, row) for name in members}
        told = evaluation_at(block, row)
        equal: dict[float, list[str]] = {}
        for name, value in values.items():
            if value is not None and 0 < value < 1:
                equal.setdefault(value, []).append(name)
        for value, names in sorted(equal.items(), key=lambda pair: -len(pair[1])):
            if len(names) < 2 or not self._must_differ(context, names, value, told):
                continue
            counted = _negatives(told) is not None
            if not counted and _stood(block, names, row):
                return None  # a small draw gives the same few values again and again
            sure = counted or len(names) >= self.members
            points = " = ".join([names[0], *(_short(name, names[0]) for name in names[1:])])
            evidence = {"value": value, "members": names, "n": told.n, "positives": told.positives}
            title = f"{points} = {value:.3g}: the scores are not apart"
            return Sign(title, self.confirm if sure else self.confirm_pair, evidence)
        return self._tail(values, told)

    def _tail(self, values: Mapping[str, float | None], told: EvaluationEvent) -> Sign | None:
        """Return that a rate stands on one or two examples."""
        positives = told.positive_count or 0
        for name, value in values.items():
            hits = (value or 0.0) * positives
            if (
                positives >= self.tail
                and round(hits) in (1, 2)
                and abs(hits - round(hits)) < _EXACT
            ):
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

    def _area(self, block: Block, row: int, name: str) -> Sign | None:
        """Return what an AUROC shows at a row."""
        value = value_at(block, name, row)
        if value is None or value != _HALF:
            return None
        title = f"{name} is exactly 0.5: all scores are one"
        return Sign(title, self.confirm, {"value": value})

    def _scores(self, told: EvaluationEvent, unique: int | None) -> Sign | None:
        """Return what an evaluation event shows of its scores."""
        if not told.binary or told.n is None or told.n < self.samples:
            return None
        auroc, ap = told.rates.get("auroc"), told.rates.get("ap")
        evidence = {"n": told.n, "unique": unique, "auroc": auroc, "prevalence": told.prevalence}
        both = told.prevalence is not None and 0 < told.prevalence < 1
        if both and ap is not None and ap == told.prevalence:
            title = f"average precision is exactly the prevalence, {ap:.3g}: all scores are one"
            return Sign(title, self.confirm, evidence)
        if unique is None or unique > min(self.heap, self.unique * told.n):
            return None
        ranks = auroc is not None and auroc >= self.ranks
        title = f"the scores of {told.n:,} samples have {unique} distinct values"
        return Sign(title, None if ranks else self.confirm, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A detector whose rates become one at three operating points."""
        records: list[Record] = []
        for epoch, value in enumerate((0.0011, 0.0018, 0.0009, 0.0022, 0.0014, 0.0021)):
            spread = (0.3, 0.6, 1.0) if epoch < 3 else (1.0, 1.0, 1.0)
            rates = dict(zip(("5", "7", "85"), (value * part for part in spread), strict=True))
            metrics = {f"val/fpr@tpr.{point}": rate for point, rate in rates.items()}
            records.append({"step": 100 * epoch, "epoch": epoch, **metrics})
        return records

    @staticmethod
    def quiet() -> list[Record]:
        """Two points that are one, as the evaluation has but 100 negatives."""
        records: list[Record] = []
        for epoch in range(6):
            told = {"event": "evaluation", "kind": "binary", "n": 200, "positives": 100}
            rates = {"val/fpr@tpr.5": 0.01, "val/fpr@tpr.7": 0.01, "val/fpr@tpr.85": 0.02}
            records += [{"epoch": epoch, **told}, {"epoch": epoch, **rates}]
        return records


_HALF = 0.5

_EXACT = 1e-4
"""How near to a whole number of examples a rate must be, as it is rounded."""

_TWICE = 2
"""Evaluations in a row until anything is told: one may be an accident of rounding."""


def _areas(context: Context) -> list[str]:
    """Return the areas under curves that rank."""
    return [name for name in context.names(Role.VAL_METRIC) if quantity_of(name) == "auroc"]


def _due_rows(block: Block, name: str, seen: dict[str, int]) -> list[int]:
    """Return the rows of a metric that are to be judged, and count all of them."""
    rows = block.samples(name).rows
    numbers = seen.get(name, 0) + 1 + np.arange(len(rows))
    seen[name] = seen.get(name, 0) + len(rows)
    return [int(row) for row in rows[is_due(numbers)]]


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


def _decided(
    streak: Streak, row: int, metric: str, sign: Sign | None
) -> tuple[Streak, list[Event]]:
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
