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

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.courses.streaks import Streaks
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.fields import count
from trainmon.evaluating.metrics import quantity_of
from trainmon.learning.families import families
from trainmon.learning.operating_points import OperatingPoints
from trainmon.learning.score_heaps import ScoreHeaps
from trainmon.learning.score_signs import Sign, after
from trainmon.learning.seldom import is_due
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class DegenerateScores(Rule[Streaks]):
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

    @cached_property
    def _points(self) -> OperatingPoints:
        return thresholds(OperatingPoints, self)

    @cached_property
    def _heaps(self) -> ScoreHeaps:
        return thresholds(ScoreHeaps, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the members of families and the areas under curves."""
        members = [name for names in families(context).values() for name in names]
        return [*members, *_areas(context)]

    def begin(self) -> Streaks:
        """Return the state before the first row."""
        return Streaks()

    def step(self, state: Streaks, context: Context, block: Block) -> tuple[Streaks, list[Event]]:
        """Judge each family, each area and each event by itself."""
        seen = dict(state.seen) if state.baseline_row == context.baseline_row else {}
        looks = sorted(self._looks(context, block, seen), key=lambda look: look[0])
        if not looks:  # of a new baseline the first ones are judged
            return replace(state, seen=MappingProxyType(seen or state.seen)), []
        anew = state.baseline_row != context.baseline_row
        events = state.over(looks[0][0]) if anew else []
        streaks = {} if anew else dict(state.by_metric)
        for row, metric, sign in looks:
            streaks[metric], told_now = after(streaks.get(metric, Streak()), row, metric, sign)
            events += told_now
        kept = MappingProxyType(streaks)
        return Streaks(context.baseline_row, kept, MappingProxyType(seen)), events

    def _looks(
        self, context: Context, block: Block, seen: dict[str, int]
    ) -> Iterator[tuple[int, str, Sign | None]]:
        """Yield what each evaluation shows, with its row and what it is about."""
        for stem, members in families(context).items():
            for row in _due_rows(block, members[-1], seen):
                yield row, stem, self._points.sign(context, block, row, members)
        for name in _areas(context):
            for row in _due_rows(block, name, seen):
                yield row, name, self._heaps.of_area(block, row, name)
        for event in block.events:
            if event.kind == EventKind.EVALUATION and event.fields.get("split") != "train":
                told, unique = EvaluationEvent.of(event.fields), event.fields.get("unique")
                yield (
                    event.row,
                    f"{told.split or 'val'}/scores",
                    self._heaps.of_event(told, count(unique)),
                )

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


def _areas(context: Context) -> list[str]:
    """Return the areas under curves that rank."""
    return [name for name in context.names(Role.VAL_METRIC) if quantity_of(name) == "auroc"]


def _due_rows(block: Block, name: str, seen: dict[str, int]) -> list[int]:
    """Return the rows of a metric that are to be judged, and count all of them."""
    rows = block.samples(name).rows
    numbers = seen.get(name, 0) + 1 + np.arange(len(rows))
    seen[name] = seen.get(name, 0) + len(rows)
    return [int(row) for row in rows[is_due(numbers)]]
