"""What is said of a metric of hits that is at nothing."""

from collections.abc import Mapping
from typing import Any

from trainmon.evaluating.event import EvaluationEvent
from trainmon.learning.at_nothing import Hits
from trainmon.learning.hits import Tree
from trainmon.rule import Block


def title_of(hits: Hits, reason: Tree, scale: float, *, zero: bool) -> str:
    """Return the title: for how long, and why; `scale` makes a share of the metric.

    >>> title_of(Hits("val/f1", 4, best=0.0, zeros=4), Tree.RANKS, 1.0, zero=True)
    'val/f1 is 0 in all 4 evaluations: none predicted, ranks well'
    """
    title = _how_long(hits, scale, zero=zero)
    return title if reason == Tree.UNKNOWN else f"{title}: {reason}"


def _how_long(hits: Hits, scale: float, *, zero: bool) -> str:
    name = hits.metric
    if zero and hits.zeros == hits.evaluations:
        several = hits.evaluations > 1
        return f"{name} is 0 in all {hits.evaluations} evaluations" if several else f"{name} is 0"
    if zero:
        return f"{name} is 0 in {hits.zeros} evaluations in a row"
    best = hits.best * scale
    return f"{name} is next to 0, {best:.2g} at its best in {hits.evaluations} evaluations"


def evidence_of(
    block: Block, row: int, hits: Hits, value: float, reason: Tree, told: EvaluationEvent
) -> Mapping[str, Any]:
    """Return the numbers: the metric's, and those of the evaluation's event."""
    evidence: dict[str, Any] = {
        "value": value,
        "best": hits.best,
        "evaluations": hits.evaluations,
        "zeros": hits.zeros,
        "epoch": float(block.epochs[row]),
        "tree": reason.value,
    }
    if told.n is not None:
        evidence["n"] = told.n
    if told.positive_count is not None:
        evidence["positives"] = told.positive_count
    if told.tells_two_shares:
        evidence |= {"predicted_share": told.predicted[1], "true_share": told.actual[1]}
    for key, number in (
        ("threshold", told.threshold),
        ("best_threshold", told.best_threshold),
        ("best_f1", told.best_f1),
        ("auroc", told.rates.get("auroc")),
    ):
        if number is not None:
            evidence[key] = number
    return evidence
