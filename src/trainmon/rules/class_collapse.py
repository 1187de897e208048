"""The model predicts one class for nearly everything.

Looks for
---------
Evaluations in which nearly all predictions are of one class that has a much smaller true share. It
also sees it in plain metrics, where arithmetic leaves no other reading: a recall of 1 with a
precision equal to the accuracy; a recall of 0 with an accuracy that stands at 1 minus the
prevalence; an accuracy that stands still at exactly the share of a class; accuracies that come
again and again and add up to 1, since they are the shares of classes that are answered in turn.

Why it matters
--------------
The scores do not depend on the inputs any more, or all lie on one side of the threshold. Accuracy
looks fair where that class is frequent, and the loss may still fall while it learns the class's
share.

Fires when
----------
In 2 evaluations in a row the top predicted share is at least 95 % and exceeds that class's true
share by 20 points. Until the gate for learning and in the first two epochs it is info, later a
warning; where that class has more than 65 % of the samples, from a third of the plan or the tenth
evaluation on. It is a warning at once where the configured weights make that class worth 5 times
all others together, since a model is drawn to it then, early or late. Accuracies that add up to 1
count once there are six. Batches of training that the log shows (``outputs`` events) count
likewise, after three, and only later.

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
from dataclasses import dataclass
from functools import partial

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.class_weights import OUTWEIGHS, worth
from trainmon.evaluating.collapse import IN_TURN, Collapse, counted, implied, in_turn
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.fields import count, normalised, shares
from trainmon.evaluating.metrics import Group, comes_again, groups, holds_any, values_at
from trainmon.evaluating.occasions import Ledger, Occasion, followed, occasions
from trainmon.evaluating.ripeness import is_ripe
from trainmon.evaluating.training_classes import training_classes
from trainmon.record import EventKind
from trainmon.roles import Role
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

BATCHES = "outputs"
"""The key of what the training batches show."""


@dataclass(frozen=True)
class ClassCollapse(Rule[Ledger]):
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
    majority: float = threshold(
        0.65, "of the samples: while the signal is weak such a class is the best answer to all"
    )
    early: float = threshold(1 / 3, "of the plan, for so long")
    long: int = threshold(10, "evaluations in a row, likewise")
    least: int = threshold(20, "samples: of fewer, all may well be one class")

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics of groups that tell an accuracy."""
        judged = filter(_is_judged, groups(context))
        return [name for group in judged for name in group.names.values()]

    def begin(self) -> Ledger:
        """Return the state before the first row."""
        return Ledger()

    def step(self, state: Ledger, context: Context, block: Block) -> tuple[Ledger, list[Event]]:
        """Look at the balance of each evaluation, then at that of the batches."""
        if not (block.events or state.awaits or _may_tell(context, block)):
            return state, []

        def decide(
            streak: Streak, occasion: Occasion, found: Collapse | None
        ) -> tuple[Streak, list[Event]]:
            return self._decide(streak, occasion.row, occasion.metric, found, context, block)

        told = occasions(context, block, "accuracy", _is_judged)
        look = partial(self._look, context, block)
        state, events = followed(state, told, block, look, decide)
        streaks = dict(state.streaks)
        for row, found in self._batches(block):
            streak = streaks.get(BATCHES, Streak())
            streaks[BATCHES], now = self._decide(streak, row, None, found, context, block)
            events += now
        events.sort(key=lambda event: event.row)
        return Ledger(streaks, state.readings), events

    def _look(
        self, context: Context, block: Block, occasion: Occasion
    ) -> tuple[Collapse | None, bool]:
        """Return the class with most predictions, and whether the evaluation tells more of it."""
        told, group, row = occasion.told, occasion.group, occasion.row
        if told and (told.n or self.least) >= self.least:
            found = counted(told.predicted, _actual(told))
            if found is not None:
                return found, True
        if not _is_judged(group):
            return None, False
        values = values_at(context, block, group, row)
        before = block.before(group.names["accuracy"], 2, row + 1).values
        stands = len(before) > 1 and bool(before[0] == before[1])
        known = normalised(training_classes(context, block, row))
        found = implied(values, known, context.positive("num_classes"), stands=stands)
        found = found or self._in_turn(values, block, group.names["accuracy"], row)
        return found, found is not None or len(values) == len(group.names)

    def _in_turn(
        self, values: Mapping[str, float], block: Block, name: str, row: int
    ) -> Collapse | None:
        """Return that the last accuracies are those of one class after the other."""
        told = block.before(name, IN_TURN, row + 1).values.tolist()
        scale = values["accuracy"] / told[-1] if "accuracy" in values and told and told[-1] else 0.0
        return in_turn([value * scale for value in told])

    def _batches(self, block: Block) -> Iterator[tuple[int, Collapse]]:
        """Yield what the training batches show that are in the log."""
        for event in block.events:
            if event.kind != EventKind.OUTPUTS:
                continue
            predicted, actual = map(event.fields.get, ("predicted_shares", "label_shares"))
            found = counted(shares(predicted), shares(actual))
            if found is not None and (count(event.fields.get("n")) or 0) >= self.least:
                yield event.row, found

    def _decide(
        self,
        streak: Streak,
        row: int,
        metric: str | None,
        found: Collapse | None,
        context: Context,
        block: Block,
    ) -> tuple[Streak, list[Event]]:
        """Return what an evaluation or a batch adds to those before."""
        if found is None or not (
            found.predicted >= self.top and found.predicted >= found.actual + self.excess
        ):
            return streak.over(row, "the predictions are of several classes again", metric)
        streak = streak.seen(row)
        confirm = self.confirm_still if found.index is None else self.confirm
        seen = streak.count + found.evaluations - 1
        if seen < (self.confirm_batches if metric is None else confirm):
            return streak, []
        ripe = is_ripe(context, block, row, seen)
        # An untrained model has one answer to all, and four batches are no four evaluations.
        if metric is None and not (ripe and context.learning_row is not None):
            return streak, []
        evidence = {
            "predicted_share": found.predicted,
            "true_share": found.actual,
            "why": found.why,
            "evaluations": seen,
        }
        if found.commonest is not None:
            evidence["commonest_share"] = found.commonest
        which = "one class"
        if found.index is not None:
            evidence["class"], which = found.index, f"class {found.index}"
        where = metric.rpartition("/")[0] or "evaluation" if metric else "training"
        title = (
            f"{100 * found.predicted:.3g} % of the {where} predictions are {which}, "
            f"which {100 * found.actual:.3g} % of the samples are"
        )
        done = context.share_done(float(block.steps[row]), float(block.epochs[row])) or 0.0
        weak = found.actual > self.majority and done < self.early and seen < self.long
        drawn = found.index is not None and (
            worth(context.settings, found.index, found.actual) > OUTWEIGHS
        )
        severity = Severity.WARNING if (ripe and not weak) or drawn else Severity.INFO
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


def _is_judged(group: Group) -> bool:
    """Return whether the metrics of a group tell of the balance: none does without an accuracy."""
    return "accuracy" in group.names


def _may_tell(context: Context, block: Block) -> bool:
    """Return whether metrics of the block may tell of one class: most have none of its values."""
    return any(
        comes_again(block, group, "accuracy", IN_TURN)
        or holds_any(block, group, "recall", (0.0, 1.0))
        for group in filter(_is_judged, groups(context))
    )


def _actual(told: EvaluationEvent) -> tuple[float, ...]:
    """Return the true shares; of a class that has all predictions the accuracy is that share."""
    if told.actual or not told.predicted:
        return told.actual
    accuracy, top = told.rates.get("accuracy"), max(told.predicted)
    if accuracy is None or top < 1:
        return ()
    return tuple(accuracy if part == top else 0.0 for part in told.predicted)
