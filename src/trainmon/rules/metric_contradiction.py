"""The metrics of one evaluation cannot all be true.

Looks for
---------
Numbers of one evaluation that exclude each other by exact arithmetic, and a training that claims to
be perfect while its evaluation finds nothing.

Why it matters
--------------
Whatever is impossible was not measured on the model: a label index that no label has, a metric of
another class, counts of another set. It is found in the evaluation code, in minutes, and no change
of the model or the learning rate would ever mend it.

Fires when
----------
At once, as an error: an accuracy that equals the share of positives means that everything was
predicted positive, so that F1 must be 2p/(1+p), yet it is 0; the evaluation counts no positives
where its own shares, its confusion or its accuracy show that they exist; labels have an index
beyond the classes while one class has none. At once, as a warning: counts that do not add up; a
train accuracy of 100 % and a loss of 0 beside a validation metric of exactly 0; a training loss of
exactly 0 from the first record on. In 2 evaluations: no positives counted beside an AUROC above one
half, which is of positives that another class index holds; F1 of 0 with a precision and a recall
above 0, a top-1 above the top-5, a mean AP above AP50.

Stays quiet
-----------
On all that depends on how classes are averaged or on where the threshold lies, on differences that
rounding to three decimals explains, on labels that leave samples out on purpose (-100, -1, 255), on
the losses of reinforcement learning, which may well be 0.

What to do
----------
Print the distinct labels and predictions of one evaluation batch. Compare with the index that the
metric is told to measure (``pos_label``, ``class_index``, ``ignore_index``).

Sources
-------
F1 of constant predictions: van Rijsbergen, Information Retrieval (1979), by its definition.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("metric-contradiction")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.evidence["kind"], round(first.evidence["expected_f1"], 3)
('error', 'label-index', 0.608)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.contradictions import Contradiction, in_evaluation
from trainmon.evaluating.denied import Denied
from trainmon.evaluating.metrics import groups, holds_any, value_at, values_at
from trainmon.evaluating.occasions import Ledger, Occasion, followed, occasions
from trainmon.evaluating.positives import known_of
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class MetricContradiction(Rule[Ledger]):
    """Metrics that cannot all be true."""

    id = "metric-contradiction"
    summary = "metrics of one evaluation cannot all be true: what is measured is something else"
    needs = (
        Need(
            "val/<metric>",
            (Role.VAL_METRIC, Role.VAL_LOSS),
            'log.evaluation("val", targets, scores, step=step)',
            events=("evaluation",),
        ),
    )
    hears = frozenset({"evaluation"})

    confirm: int = threshold(2, "evaluations where metrics may be of different things")
    perfect: float = threshold(0.999, "of train accuracy: nothing is left to learn")
    nothing: float = threshold(1e-2, "of the first training loss: it claims the same")
    zeros: int = threshold(50, "training losses of exactly 0, from the first one on")

    @cached_property
    def _denied(self) -> Denied:
        return thresholds(Denied, self)

    def begin(self) -> Ledger:
        """Return the state before the first row."""
        return Ledger()

    def step(self, state: Ledger, context: Context, block: Block) -> tuple[Ledger, list[Event]]:
        """Check each evaluation by itself, then against what training says."""
        events = list[Event]()
        if block.events or state.awaits or _may_contradict(context, block):
            told = occasions(context, block, "f1", judged=lambda _: True)
            look = partial(_contradiction, context, block)
            state, events = followed(state, told, block, look, self._decide)
        streaks = dict(state.streaks)
        events += self._denied.after(streaks, context, block)
        events.sort(key=lambda event: event.row)
        return Ledger(streaks, state.readings), events

    def _decide(
        self, streak: Streak, occasion: Occasion, found: Contradiction | None
    ) -> tuple[Streak, list[Event]]:
        """Return what one evaluation adds to those before."""
        row, metric = occasion.row, occasion.metric
        if found is None:
            return streak.over(row, f"the metrics of {occasion.name} agree again", metric)
        streak = streak.seen(row)
        if not found.exact and streak.count < self.confirm:
            return streak, []
        severity = Severity.ERROR if found.kind == "label-index" else Severity.WARNING
        evidence = {"kind": found.kind, **found.evidence, "evaluations": streak.count}
        if occasion.told and occasion.told.n:
            evidence |= {"n": occasion.told.n}
        return streak.tell(row, severity, f"{occasion.name}: {found.says}", metric, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """F1 of label 2 where there are 0 and 1, and everything is predicted positive."""
        told = {"event": "evaluation", "split": "val", "n": 633_040, "prevalence": 0.4365}
        metrics = {"val/accuracy": 0.4365, "val/f1": 0.0}
        return [
            record
            for epoch in range(1, 5)
            for record in ({**told, "epoch": epoch}, {**metrics, "epoch": epoch})
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Nothing is predicted positive yet: F1 is 0, and accuracy the share of negatives."""
        told = {"event": "evaluation", "split": "val", "n": 10_000, "prevalence": 0.05}
        metrics = {"val/accuracy": 0.95, "val/f1": 0.0, "val/recall": 0.0}
        return [
            record
            for epoch in range(1, 5)
            for record in ({**told, "epoch": epoch}, {**metrics, "epoch": epoch})
        ]


def _may_contradict(context: Context, block: Block) -> bool:
    """Return whether metrics of the block may contradict each other, or an event before them."""
    return "evaluation" in context.heard or any(
        not _ORDERED.isdisjoint(group.names) or holds_any(block, group, "f1", (0.0,))
        for group in groups(context)
    )


_ORDERED = frozenset({"top5", "ap50"})
"""Laxer measures, which no stricter one may exceed."""


def _contradiction(
    context: Context, block: Block, occasion: Occasion
) -> tuple[Contradiction | None, bool]:
    """Return what an evaluation contradicts itself in, as far as it is known."""
    told, row = occasion.told, occasion.row
    names = occasion.group.names
    ordered = not _ORDERED.isdisjoint(names)
    uncounted = (told is not None and told.positives == 0) or _counts_none(block, names, row)
    f1 = value_at(block, names["f1"], row) if "f1" in names else None
    if not (occasion.is_event or ordered or uncounted or f1 == 0):
        return None, False  # nothing that its metrics could contradict
    values = values_at(context, block, occasion.group, row)
    standing = _standing(block, names.get("accuracy"), row)
    found = in_evaluation(told, values, standing, known_of(context, block, occasion))
    return found, found is not None


def _counts_none(block: Block, names: Mapping[str, str], row: int) -> bool:
    """Return whether a metric of an evaluation counts its positives, and finds none."""
    return "positives" in names and value_at(block, names["positives"], row) == 0


def _standing(block: Block, accuracy: str | None, row: int) -> int:
    """Return for how many evaluations up to a row the accuracy has been the same."""
    values = block.before(accuracy, 10, row + 1).values[::-1].tolist() if accuracy else []
    return next((i for i, value in enumerate(values) if value != values[0]), len(values))
