"""The model predicts one class for nearly everything.

Looks for
---------
Evaluations in which nearly all predictions are of one class that has a much smaller true share. It
also sees it in plain metrics, where arithmetic leaves no other reading: a recall of 1 with a
precision equal to the accuracy; a recall of 0 with an accuracy that stands at 1 minus the
prevalence; an accuracy that stands still at exactly the share of a class.

Why it matters
--------------
The scores do not depend on the inputs any more, or all lie on one side of the threshold. Accuracy
looks fair where that class is frequent, and the loss may still fall while it learns the class's
share.

Fires when
----------
In 2 evaluations in a row the top predicted share is at least 95 % and exceeds that class's true
share by 20 points. Until the gate for learning and in the first two epochs (or the first third of
the plan) it is info, later a warning. Batches of training that the log shows (``outputs`` events)
count likewise, after three.

Stays quiet
-----------
Where the class is nearly that frequent: predicting the majority is right then. On labels that do
not exclude each other, and on evaluations of fewer than 20 samples.

What to do
----------
Look at class weights, ``pos_weight``, oversampling and auxiliary losses: together they move the
balance several-fold. Look at the threshold, then at the learning rate and dead units.

Sources
-------
Field reports: 2x oversampling and a loss weight of 4 left 97 % positive predictions against 60 %.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("class-collapse")
>>> [(d.event.kind.value, d.event.severity.word) for d in replay(rule, rule.fires())][:2]
[('opened', 'info'), ('worsened', 'warning')]
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from trainmon.collapse import Collapse, counted, implied
from trainmon.context import Context
from trainmon.evaluation_event import EvaluationEvent, evaluations_in
from trainmon.evaluation_metrics import Group, Reading, groups, rows_of, values_at
from trainmon.event_fields import count, normalised, shares
from trainmon.record import EventKind
from trainmon.ripeness import is_ripe
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.streak import Streak
from trainmon.threshold import threshold
from trainmon.training_classes import training_classes

BATCHES = "outputs"
"""The key of what the training batches show."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What has been seen of the predictions' balance."""

    streaks: Mapping[str, Streak] = field(default_factory=lambda: MappingProxyType({}))
    """By metric; that of training batches by `BATCHES`."""
    counted: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The row from which on a group's evaluations are counted, so that metrics are not asked."""
    readings: Mapping[str, Reading] = field(default_factory=lambda: MappingProxyType({}))
    """How far each group's evaluations were read from metrics."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one evaluation or batch shows."""

    row: int
    key: str
    found: Collapse | None
    """The class with most predictions; None where nothing points to one."""
    confirm: int
    """How many in a row it takes."""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassCollapse(Rule[Balance]):
    """One class for nearly all samples."""

    id = "class-collapse"
    summary = "nearly all predictions are of one class, which is not that frequent"
    needs = (
        Need(
            "evaluation",
            (Role.VAL_METRIC,),
            'log.evaluation("val", targets, scores, step=step)',
            events=("evaluation/confusion", "evaluation/predicted_shares"),
        ),
    )
    hears = frozenset({"evaluation", "outputs"})

    top: float = threshold(0.95, "of the predictions: nearly all")
    excess: float = threshold(0.2, "above the true share of that class: the majority is no answer")
    confirm: int = threshold(2, "evaluations in a row")
    confirm_batches: int = threshold(3, "training batches in a row: they are small draws")
    confirm_still: int = threshold(
        4, "evaluations in a row where only an accuracy of 1/C speaks: small sets have it too"
    )
    least: int = threshold(20, "samples: of fewer, all may well be one class")

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics of groups that tell an accuracy."""
        return [name for group in _judged(context) for name in group.names.values()]

    def begin(self) -> Balance:
        """Return the state before the first row."""
        return Balance()

    def step(self, state: Balance, context: Context, block: Block) -> tuple[Balance, list[Event]]:
        """Look at the balance of each evaluation and batch, counted or told by metrics."""
        sights, told = [], dict(state.counted)
        for row, evaluation in evaluations_in(block.events):
            found = counted(evaluation.predicted, _actual(evaluation))
            if found is not None and (evaluation.n or self.least) >= self.least:
                name = evaluation.split or "val"
                told.setdefault(name, row)
                facts = {"n": evaluation.n, "threshold": evaluation.threshold}
                sights.append(Sight(row, f"{name}/accuracy", found, self.confirm, facts))
        for row, n, found in _batches(block):
            if n >= self.least:
                sights.append(Sight(row, BATCHES, found, self.confirm_batches, {"n": n}))
        readings = dict(state.readings)
        for group in _judged(context):
            for row in rows_of(block, group.names):
                if row < told.get(group.key, block.stop):
                    reading = readings.get(group.key, Reading())
                    readings[group.key], seen = self._read(reading, group, row, context, block)
                    sights += seen
        streaks, events = dict(state.streaks), list[Event]()
        for sight in sorted(sights, key=lambda sight: sight.row):
            streak = streaks.get(sight.key, Streak())
            streaks[sight.key], now = self._decide(streak, sight, context, block)
            events += now
        return Balance(streaks, told, readings), events

    def _read(
        self, reading: Reading, group: Group, row: int, context: Context, block: Block
    ) -> tuple[Reading, list[Sight]]:
        """Return what the metrics of an evaluation leave no other reading for."""
        key, sights = group.names["accuracy"], []
        reading, unsettled = reading.at(block, row)
        if unsettled:  # the evaluation before told nothing to its end
            sights.append(Sight(row, key, None, self.confirm))
        if reading.settled:
            return reading, sights
        values = values_at(context, block, group, row)
        before = block.before(key, 2, row + 1).values
        known = normalised(training_classes(context, block, row))
        classes = context.positive("num_classes")
        stands = len(before) > 1 and bool(before[0] == before[1])
        found = implied(values, known, classes, stands=stands)
        if found is not None or len(values) == len(group.names):
            reading = reading.done()
            still = found is not None and found.index is None
            confirm = self.confirm_still if still else self.confirm
            sights.append(Sight(row, key, found, confirm, {"accuracy": values.get("accuracy")}))
        return reading, sights

    def _decide(
        self, streak: Streak, sight: Sight, context: Context, block: Block
    ) -> tuple[Streak, list[Event]]:
        """Return what a sight adds to those before."""
        found, row = sight.found, sight.row
        metric = None if sight.key == BATCHES else sight.key
        if found is None or not (
            found.predicted >= self.top and found.predicted >= found.actual + self.excess
        ):
            return streak.over(row, "the predictions are of several classes again", metric)
        streak = streak.seen(row)
        if streak.count < sight.confirm:
            return streak, []
        ripe = is_ripe(context, block, row, streak.count)
        severity = Severity.WARNING if ripe else Severity.INFO
        evidence = {
            "predicted_share": found.predicted,
            "true_share": found.actual,
            "why": found.why,
            "evaluations": streak.count,
            **{name: value for name, value in sight.facts.items() if value is not None},
        }
        which = "one class"
        if found.index is not None:
            evidence["class"], which = found.index, f"class {found.index}"
        where = (
            "training batches" if metric is None else sight.key.rpartition("/")[0] or "evaluation"
        )
        title = (
            f"{100 * found.predicted:.3g} % of the {where} predictions are {which}, "
            f"which {100 * found.actual:.3g} % of the samples are"
        )
        return streak.tell(row, severity, title, metric, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """All but 3 % are predicted positive where 60 % are."""
        told = {"event": "evaluation", "split": "val", "kind": "binary", "n": 6_144}
        return [
            {**told, "step": 500 * epoch, "epoch": epoch, "confusion": [[100, 2_337], [86, 3_621]]}
            for epoch in range(1, 6)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A rare class that is not predicted yet."""
        told = {"event": "evaluation", "split": "val", "kind": "binary", "n": 1_000}
        return [
            {**told, "step": 500 * epoch, "epoch": epoch, "confusion": [[950, 0], [50, 0]]}
            for epoch in range(1, 6)
        ]


def _judged(context: Context) -> list[Group]:
    """Return the groups of metrics that tell an accuracy and that are not in events anyway."""
    return [group for group in groups(context) if "accuracy" in group.names]


def _actual(told: EvaluationEvent) -> tuple[float, ...]:
    """Return the true shares; of a class that has all predictions the accuracy is that share."""
    if told.actual or not told.predicted:
        return told.actual
    accuracy, top = told.rates.get("accuracy"), max(told.predicted)
    if accuracy is None or top < 1:
        return ()
    return tuple(accuracy if part == top else 0.0 for part in told.predicted)


def _batches(block: Block) -> Iterator[tuple[int, int, Collapse]]:
    """Yield what the training batches show that are in the log, with row and size."""
    for event in block.events:
        if event.kind == EventKind.OUTPUTS:
            fields = event.fields
            found = counted(
                shares(fields.get("predicted_shares")), shares(fields.get("label_shares"))
            )
            if found is not None:
                yield event.row, count(fields.get("n")) or 0, found
