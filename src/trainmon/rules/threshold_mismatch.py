"""The threshold cuts the scores where no sensible decision lies.

Looks for
---------
Evaluations of two classes in which the threshold finds far more or far fewer positives than there
are, while another threshold would do much better; and scores that all lie on one side of it.

Why it matters
--------------
The model may be fine. Precision, recall and F1 at this threshold say that it is not, early stopping
and checkpoints follow them, and people change the model instead of one number.

Fires when
----------
In 2 evaluations in a row the predicted and the true share of positives differ more than 5-fold and
the best threshold has twice the F1; or at least 95 % of the scores lie on one side of the
threshold, too many by 20 points, and the best threshold has an F1 higher by 0.15; or all scores lie
on one side of a threshold that somebody set to another value than 0.5 (or 0 for logits), or 95 % of
them, too many by 20 points, while the best threshold beats calling all positive by 0.1 of F1. The
last is a warning at once, the others after the first two epochs; but where nobody set the threshold
and a class is rare it stays info, since calibrated scores of a rare class rarely exceed one half.
Nor do they lie above it too often: too many positives are a warning where the configured weights
make a positive worth 5 times all negatives together, which no balance of the classes asks for.
So it does without events, where a high AUROC tells it beside a recall or an F1 that is exactly 0.
Of labels that do not exclude each other the mean shares count: where these differ 5-fold in 2
evaluations in a row though the scores rank well (an AUROC of .8), somebody's threshold is a
warning, and the default one is info.

Stays quiet
-----------
Where no threshold would do well, since then the scores are at fault; and while a rare class has not
been learned yet.

What to do
----------
Set the threshold to the best one of the validation set, or calibrate the scores. Look at whether
probabilities or logits are compared with it. Watch a metric that needs no threshold (AUROC, average
precision) beside F1.

Sources
-------
Lipton, Elkan and Naryanaswamy, Optimal thresholding of classifiers to maximize F1 (2014).

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("threshold-mismatch")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.evidence["threshold"], first.evidence["one_sided"]
('warning', 0.3, True)
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, partial

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.class_weights import OUTWEIGHS, worth
from trainmon.evaluating.cuts import CountedCuts, Cut, ImpliedCuts, LabelledCuts
from trainmon.evaluating.metrics import Group, groups, holds_any, values_at
from trainmon.evaluating.occasions import Ledger, Occasion, followed, occasions
from trainmon.evaluating.ripeness import is_ripe
from trainmon.learning.hits import predicts
from trainmon.roles import Role
from trainmon.rule import Block, Event, Evidence, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold, thresholds


@dataclass(frozen=True)
class ThresholdMismatch(Rule[Ledger]):
    """A threshold where no sensible decision lies."""

    id = "threshold-mismatch"
    summary = "the threshold finds far too many or too few positives; another one would do better"
    needs = (
        Need(
            "evaluation",
            (Role.VAL_METRIC,),
            'log.evaluation("val", targets, scores, threshold=0.5, step=step)',
            events=("evaluation/threshold", "evaluation/predicted_shares"),
        ),
    )
    hears = frozenset({"evaluation"})

    fold: float = threshold(5.0, "times more or fewer predicted positives than there are")
    better: float = threshold(2.0, "times the F1, at the best threshold")
    gain: float = threshold(0.1, "above the F1 of calling all positive: the scores do rank")
    side: float = threshold(0.95, "of the scores on one side of the threshold")
    excess: float = threshold(0.2, "of the samples that this side is too large by")
    side_gain: float = threshold(0.15, "of F1 that the best threshold has more then")
    fewest: int = threshold(10, "samples of either class: fewer rank well by accident")
    confirm: int = threshold(2, "evaluations in a row")
    perfect: float = threshold(0.9, "of precision: above it everything may well be positive")
    ranks: float = threshold(0.8, "of AUROC: the scores rank well, where only metrics are told")
    confirm_metrics: int = threshold(4, "evaluations in a row that only metrics tell of")

    @cached_property
    def _counted(self) -> CountedCuts:
        return thresholds(CountedCuts, self)

    @cached_property
    def _labelled(self) -> LabelledCuts:
        return thresholds(LabelledCuts, self)

    @cached_property
    def _implied(self) -> ImpliedCuts:
        return thresholds(ImpliedCuts, self)

    def watched(self, context: Context) -> Collection[str]:
        """Return the metrics of groups that tell how well the scores rank."""
        judged = filter(_is_judged, groups(context))
        return [name for group in judged for name in group.names.values()]

    def begin(self) -> Ledger:
        """Return the state before the first row."""
        return Ledger()

    def step(self, state: Ledger, context: Context, block: Block) -> tuple[Ledger, list[Event]]:
        """Look at the threshold of each evaluation, told by its event or by metrics."""
        if not (block.events or state.awaits or _may_tell(context, block)):
            return state, []

        def decide(
            streak: Streak, occasion: Occasion, cut: Cut | None
        ) -> tuple[Streak, list[Event]]:
            return self._decide(streak, occasion, cut, context, block)

        told = occasions(context, block, "f1", _is_judged)
        return followed(state, told, block, partial(self._look, context, block), decide)

    def _look(self, context: Context, block: Block, occasion: Occasion) -> tuple[Cut | None, bool]:
        """Return what is wrong with the threshold of an evaluation, and whether that is known."""
        told, group = occasion.told, occasion.group
        if told and told.binary and told.tells_two_shares:
            return self._counted.cut(told), True
        if told and told.predicted_labels is not None and told.actual_labels is not None:
            return self._labelled.cut(told), True
        if not _is_judged(group):
            return None, False
        values = values_at(context, block, group, occasion.row)
        cut = self._implied.cut(occasion.metric, values)
        if cut and not cut.evidence["predicted_share"]:
            # An accuracy that moves tells of predictions, which are wrong for another reason.
            cut = None if predicts(context, block, occasion.row, occasion.metric) else cut
        # Some scripts log the metrics first: an event that is still to come tells more.
        awaited = told is None and "evaluation/predicted_shares" in context.heard
        return cut, cut is not None or (len(values) == len(group.names) and not awaited)

    def _decide(
        self, streak: Streak, occasion: Occasion, cut: Cut | None, context: Context, block: Block
    ) -> tuple[Streak, list[Event]]:
        """Return what an evaluation adds to those before."""
        row, metric = occasion.row, occasion.metric
        if cut is None:
            return streak.over(row, f"{metric} is measured at a sensible threshold again", metric)
        streak = streak.seen(row)
        if streak.count < cut.confirm:
            return streak, []
        slow = cut.slow and not _is_drawn(cut.evidence, context)
        sure = cut.sure or (not slow and is_ripe(context, block, row, streak.count))
        evidence = {**cut.evidence, "evaluations": streak.count}
        severity = Severity.WARNING if sure else Severity.INFO
        return streak.tell(row, severity, cut.title, metric, evidence)

    @staticmethod
    def fires() -> list[Record]:
        """A threshold of 0.3 below all scores."""
        told = {"event": "evaluation", "split": "val", "kind": "binary", "n": 10_000}
        told |= {"threshold": 0.3, "confusion": [[0, 5_635], [0, 4_365]]}
        bins = {"low": 0.0, "high": 1.0, "counts": [0, 0, 0, 0, 5_100, 4_900, 0, 0, 0, 0]}
        return [
            {**told, "step": 500 * epoch, "epoch": epoch, "histogram": bins}
            for epoch in range(1, 6)
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """Scores that do not rank yet: no threshold would do better."""
        told = {"event": "evaluation", "split": "val", "kind": "binary", "n": 10_000}
        told |= {"threshold": 0.5, "confusion": [[9_500, 0], [500, 0]], "f1": 0.0}
        told |= {"auroc": 0.52, "best_threshold": 0.01, "best_f1": 0.1}
        return [{**told, "step": 500 * epoch, "epoch": epoch} for epoch in range(1, 6)]


def _is_drawn(evidence: Evidence, context: Context) -> bool:
    """Return whether too many are positive, and the configured weights are what draws them."""
    predicted, true = (evidence.get(f"{which}_share") for which in ("predicted", "true"))
    if predicted is None or true is None or predicted <= true:
        return False
    return worth(context.settings, 1, true) > OUTWEIGHS


def _is_judged(group: Group) -> bool:
    """Return whether metrics tell how well scores rank and what a threshold finds of them."""
    return "auroc" in group.names and not {"f1", "recall"}.isdisjoint(group.names)


def _may_tell(context: Context, block: Block) -> bool:
    """Return whether metrics of the block may tell that nothing or everything was found."""
    return any(
        holds_any(block, group, "f1", (0.0,)) or holds_any(block, group, "recall", (0.0, 1.0))
        for group in filter(_is_judged, groups(context))
    )
