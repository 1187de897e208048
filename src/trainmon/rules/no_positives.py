"""An evaluation holds no example of the class that it measures.

Looks for
---------
Evaluations of two classes in which no sample is of the second one, and evaluations of several
labels in which no sample has any.

Why it matters
--------------
Recall, F1, average precision and AUROC are undefined then; projects log them as 0 or NaN, and
people look for the fault in the model. No training will ever change such a number.

Fires when
----------
An evaluation event counts 0 positives, by its count, its confusion or its shares, or a metric such
as ``val/positives`` is 0. On 1,000 samples or more it is a warning at once, since the counts are
exact; on fewer at the second evaluation in a row, as a small draw may miss a rare class by chance.

Stays quiet
-----------
On evaluations of several classes, of regressions, and on those that tell no counts. NaN in a
metric alone tells nothing.

What to do
----------
Count the labels of the evaluation set. Look at how it is made: the first files of sorted data, a
filter, a limit on its batches, an index of the class that no label has.

Sources
-------
scikit-learn's notes on undefined metrics (`UndefinedMetricWarning`).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("no-positives")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.title
('warning', 'none of the 327,680 samples of the val evaluation is positive')
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.event import EvaluationEvent, evaluations_in
from trainmon.evaluating.limit import limit_of, whole_batches
from trainmon.evaluating.metrics import group_of, groups
from trainmon.evaluating.training_classes import seen_classes, training_classes
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

State = Mapping[str, Streak]
"""By the split of the evaluation, and by the metric that counts positives."""


@dataclass(frozen=True)
class NoPositives(Rule[State]):
    """An evaluation set without the class that is measured."""

    id = "no-positives"
    summary = "the evaluation set holds no example of the class that is measured"
    needs = (
        Need(
            "evaluation",
            (),
            'log.evaluation("val", targets, scores, step=step)',
            events=("evaluation/positives", "evaluation/confusion", "evaluation/actual_shares"),
        ),
    )
    hears = frozenset({"evaluation"})

    exact: int = threshold(1_000, "samples: none of them positive is no accident of a draw")
    confirm: int = threshold(2, "evaluations in a row on fewer samples")

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics that count positives."""
        found = (group.names.get("positives") for group in groups(context))
        return [name for name in found if name]

    def begin(self) -> State:
        """Return the state before the first row."""
        return {}

    def step(self, state: State, context: Context, block: Block) -> tuple[State, list[Event]]:
        """Count the positives of each evaluation."""
        streaks, events = dict(state), list[Event]()
        for row, told in evaluations_in(block.events):
            held = _held(told)
            if held is not None:
                key = f"{told.split or 'val'}/f1"
                evidence = _evidence(told, context, block, row)
                what = f"the {told.split} evaluation" if told.split else "the evaluation"
                events += self._decide(streaks, key, row, held, told.n, what, evidence)
        for name in self.watched(context):
            samples = block.samples(name)
            for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
                if value >= 0:
                    evidence = {"positives": value, "split": group_of(name)}
                    what = f"the {group_of(name)} evaluation"
                    events += self._decide(streaks, name, row, value > 0, None, what, evidence)
        return streaks, sorted(events, key=lambda event: event.row)

    def _decide(
        self,
        streaks: dict[str, Streak],
        key: str,
        row: int,
        held: bool,  # noqa: FBT001 - one of many facts
        n: int | None,
        what: str,
        evidence: Mapping[str, Any],
    ) -> list[Event]:
        """Note whether an evaluation held positives; return what is told of it."""
        streak = streaks.get(key, Streak())
        if held:
            streaks[key], events = streak.over(row, f"{what} holds positives again", key)
            return events
        streak = streak.seen(row)
        sure = (n or 0) >= self.exact or streak.count >= self.confirm
        severity = Severity.WARNING if sure else Severity.INFO
        of = f"none of the {n:,} samples" if n else "no sample"
        told = {**evidence, "evaluations": streak.count}
        streaks[key], events = streak.tell(row, severity, f"{of} of {what} is positive", key, told)
        return events

    @staticmethod
    def fires() -> list[Record]:
        """The first batches of sorted data: negatives alone."""
        return [
            {"event": "evaluation", "step": step, "split": "val", "n": 327_680, "positives": 0}
            for step in (100, 200, 300)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Small draws of a rare class, of which one holds none."""
        return [
            {"event": "evaluation", "step": step, "split": "val", "n": 200, "positives": found}
            for step, found in ((100, 2), (200, 0), (300, 1), (400, 3))
        ]


def _held(told: EvaluationEvent) -> bool | None:
    """Return whether an evaluation held positives; None where that is no question."""
    if told.n == 0:
        return None
    if told.kind == "multilabel" and told.labels:
        return None if told.never_occurring is None else told.never_occurring < told.labels
    if not told.binary or told.positive_count is None:
        return None
    return told.positive_count > 0


def _evidence(told: EvaluationEvent, context: Context, block: Block, row: int) -> dict[str, Any]:
    """Return what else speaks of the missing positives."""
    evidence: dict[str, Any] = {"positives": 0, "split": told.split}
    if told.n:
        evidence["n"] = told.n
        batches, limit = whole_batches(told.n, context), limit_of(told.n, context)
        evidence |= {"batches": batches} if batches is not None else {}
        evidence |= {"limit": limit} if limit is not None else {}
        trained = training_classes(context, block, row) or seen_classes(block, row)
        if len(trained) == 2:
            evidence["train_share"] = trained[1] / sum(trained)
            evidence["expected_positives"] = told.n * trained[1] / sum(trained)
    if told.out_of_range:
        evidence["out_of_range"] = told.out_of_range
        evidence["strange_labels"] = list(told.strange_labels)
    return evidence
