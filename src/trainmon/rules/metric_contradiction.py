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
exactly 0 from the first record on. In 2 evaluations: F1 of 0 with a precision and a recall above 0,
a top-1 above the top-5, a mean AP above AP50.

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

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.claims import claim_at, zero_losses
from trainmon.evaluating.contradictions import Contradiction, Known, in_evaluation
from trainmon.evaluating.limit import is_part
from trainmon.evaluating.metrics import groups, holds_any, quantity_of, value_at, values_at
from trainmon.evaluating.occasions import Ledger, Occasion, followed, occasions
from trainmon.evaluating.training_classes import training_classes
from trainmon.roles import Direction, Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold


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
        claimed = any(key.startswith(_TRAINING) for key in streaks)
        if claimed or _may_claim(context, block):
            for row, metrics in _evaluated(context, block):
                events += self._against_training(streaks, row, metrics, context, block)
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

    def _against_training(
        self,
        streaks: dict[str, Streak],
        row: int,
        metrics: Mapping[str, float],
        context: Context,
        block: Block,
    ) -> list[Event]:
        """Return what is told of a training that claims what its evaluation at a row denies."""
        zeros = zero_losses(context, block, row)
        if zeros >= self.zeros and context.train_loss:
            title = f"{context.train_loss} is exactly 0 in {zeros:,} records: nothing is compared"
            evidence = {"kind": "zero-loss", "records": zeros}
            return _tell(streaks, context.train_loss, row, title, evidence)
        if any(metrics.values()) or not metrics:
            return _over(streaks, row, metrics or (context.train_loss,))
        zero = next(iter(metrics))
        claim = claim_at(context, block, row)
        if (
            claim is None
            or claim.accuracy < self.perfect
            or claim.loss > self.nothing * claim.first_loss
        ):
            return []
        title = (
            f"{zero} is 0 while training has an accuracy of {100 * claim.accuracy:.4g} % "
            f"and a loss of {claim.loss:.2g}"
        )
        evidence = {"kind": "perfect-training", "value": 0.0, "train_accuracy": claim.accuracy}
        evidence |= {"train_loss": claim.loss, "first_train_loss": claim.first_loss}
        return _tell(streaks, zero, row, title, evidence)

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
    uncounted = told is not None and told.positives == 0
    f1 = value_at(block, names["f1"], row) if "f1" in names else None
    if not (occasion.is_event or ordered or uncounted or f1 == 0):
        return None, False  # nothing that its metrics could contradict
    values = values_at(context, block, occasion.group, row)
    standing = _standing(block, names.get("accuracy"), row)
    found = in_evaluation(told, values, standing, _known(context, block, occasion))
    return found, found is not None


_POSITIVES = ("val_positives", "eval_positives", "n_val_positives", "num_val_positives")
_SHARES = ("val_prevalence", "prevalence", "positive_share", "pos_share", "positive_rate")
"""Settings that tell of the positives of an evaluation set."""


def _known(context: Context, block: Block, occasion: Occasion) -> Known:
    """Return what the configuration and the training data tell of the positives."""
    classes = training_classes(context, block, occasion.row)
    positives = next(filter(None, map(context.positive, _POSITIVES)), None)
    shares = tuple(filter(None, map(context.positive, _SHARES)))
    n = occasion.told.n if occasion.told else None
    if len(classes) == 2:
        shares = (*shares, classes[1] / sum(classes))
        if positives is None and sum(classes) == n:
            positives = classes[1]  # these are the counts of this very set
    whole = None if positives is None else round(positives)
    return Known(whole, shares, is_part=bool(n) and is_part(n or 0, context))


def _standing(block: Block, accuracy: str | None, row: int) -> int:
    """Return for how many evaluations up to a row the accuracy has been the same."""
    values = block.before(accuracy, 10, row + 1).values[::-1].tolist() if accuracy else []
    return next((i for i, value in enumerate(values) if value != values[0]), len(values))


def _may_claim(context: Context, block: Block) -> bool:
    """Return whether any metric or loss of the block is 0: most never are."""
    if any((block.samples(name).values == 0).any() for name in context.names(Role.VAL_METRIC)):
        return True
    losses = block.before(context.train_loss, 1, block.stop).values
    return bool(len(losses) and losses[0] == 0)


def _evaluated(context: Context, block: Block) -> list[tuple[int, Mapping[str, float]]]:
    """Return the rows of evaluations, ascending, with those of their metrics that may be 0.

    More is better of them, and they are not the area under a curve, which never is 0.
    """
    found: dict[int, dict[str, float]] = {}
    for name in context.names(Role.VAL_LOSS, Role.VAL_METRIC):
        samples = block.samples(name)
        counts = context.role(name).direction == Direction.HIGHER and quantity_of(name) != "auroc"
        for row, value in zip(samples.rows.tolist(), samples.values.tolist(), strict=True):
            found.setdefault(row, {}).update({name: value} if counts else {})
    return sorted(found.items(), key=lambda pair: pair[0])


_TRAINING = "training: "
"""Before the metrics that training contradicts, as their evaluations may contradict themselves."""


def _tell(
    streaks: dict[str, Streak], metric: str, row: int, title: str, evidence: Mapping[str, object]
) -> list[Event]:
    streak = streaks.get(_TRAINING + metric, Streak()).seen(row)
    evidence = {**evidence, "evaluations": streak.count}
    streak, events = streak.tell(row, Severity.WARNING, title, metric, evidence)
    streaks[_TRAINING + metric] = streak
    return events


def _over(streaks: dict[str, Streak], row: int, metrics: Collection[str | None]) -> list[Event]:
    """Clear what was told of training beside these metrics."""
    events = list[Event]()
    for metric in metrics:
        streak = streaks.pop(f"{_TRAINING}{metric}", Streak())
        events += streak.over(row, f"{metric} does not contradict training any more", metric)[1]
    return events
