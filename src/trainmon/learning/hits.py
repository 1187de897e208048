"""Metrics of hits, which are 0 where not one example is right, and the reasons for that."""

import re
from enum import StrEnum
from math import isfinite

from trainmon.context import Context
from trainmon.evaluating.event import EvaluationEvent
from trainmon.evaluating.metrics import group_of, groups, quantity_of, scale_of, value_at
from trainmon.roles import Direction, Role
from trainmon.roles.name import parsed
from trainmon.rule import Block

RANKS = 0.65
"""An AUROC from which on the scores rank well."""

_HITS = re.compile(
    r"^(?:m?ap[\d_.:]*|map\d*_.*|m?iou.*|jaccard.*|m?dice.*|f1.*|f_?score|fbeta.*|recall.*|tpr"
    r"|sensitivity|precision.*|hits?(?:@.*)?|m?ar[\d_]*|pck.*|em|exact_match|acc.*|top_?\d+.*)"
    r"(?:\([a-z]\))?$"
)
"""Words of metrics that count what is right."""

_ORDER = ("map", "ap50", "ap", "iou", "miou", "dice", "f1", "recall", "precision")
"""Which of several decides where none is monitored, the first before the second."""

_RANKED = ("auroc", "accuracy")
"""Beside one of these average precision is how well the scores of two classes rank."""


class Tree(StrEnum):
    """What is at the bottom of a metric that is 0."""

    NO_POSITIVES = "no positives"
    RANKS = "none predicted, ranks well"
    DOES_NOT_RANK = "none predicted, does not rank"
    NEVER_RIGHT = "predicted but never right"
    UNKNOWN = "unknown"


def hits_of(context: Context) -> tuple[str, ...]:
    """Return the metric of hits that decides, and those that must be 0 with it.

    The monitored one decides alone; without one, the most telling of the first evaluation.
    """
    monitored = context.monitored
    if monitored and monitored[1] == Direction.HIGHER and _HITS.match(parsed(monitored[0]).word):
        return (monitored[0],)
    by_group: dict[str, list[str]] = {}
    for name in context.names(Role.VAL_METRIC):
        by_group.setdefault(group_of(name), []).append(name)
    for names in by_group.values():
        hits = _of_group(context, names)
        if hits:
            return tuple(sorted(hits, key=_rank))
    return ()


def _of_group(context: Context, names: list[str]) -> list[str]:
    """Return the metrics of hits of one evaluation; accuracy only where it stands alone."""
    quantities = {quantity_of(name) for name in names}
    ranked = not quantities.isdisjoint(_RANKED)
    hits = [
        name
        for name in names
        if context.role(name).direction == Direction.HIGHER
        and _HITS.match(parsed(name).word)
        and "fpr" not in name.lower()
        and not (ranked and quantity_of(name) == "ap")
    ]
    strict = [name for name in hits if not parsed(name).word.startswith(("acc", "top"))]
    return strict or hits


def _rank(name: str) -> int:
    word = quantity_of(name) or parsed(name).word
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)


def tree(context: Context, block: Block, row: int, lead: str, told: EvaluationEvent) -> Tree:
    """Return what the evaluation at a row tells of why nothing is right in it."""
    if (told.binary and told.positive_count == 0) or _counts_none(context, block, row, lead):
        return Tree.NO_POSITIVES
    auroc = told.rates.get("auroc", _ranking(context, block, row, lead))
    predicted = told.predicted[1] if len(told.predicted) == _TWO else None
    if predicted:
        return Tree.NEVER_RIGHT
    if predicted is None and auroc is None:
        return Tree.UNKNOWN
    if auroc is None:
        return Tree.DOES_NOT_RANK if told.kind == "multiclass" else Tree.UNKNOWN
    if auroc >= RANKS:
        return Tree.NEVER_RIGHT if predicts(context, block, row, lead) else Tree.RANKS
    return Tree.DOES_NOT_RANK if predicted is not None else Tree.UNKNOWN


_TWO = 2


def _counts_none(context: Context, block: Block, row: int, lead: str) -> bool:
    """Return whether a metric of the same evaluation counts its positives, and finds none."""
    group = next((it for it in groups(context) if lead in it.names.values()), None)
    name = group.names.get("positives") if group else None
    return name is not None and value_at(block, name, row) == 0


def predicts(context: Context, block: Block, row: int, lead: str) -> bool:
    """Return whether positives are predicted beside a metric that is 0, by the accuracy alone.

    Without any it is 1 minus the prevalence, and the same in each evaluation.
    """
    names = (n for n in context.names(Role.VAL_METRIC) if quantity_of(n) == "accuracy")
    name = next((each for each in names if group_of(each) == group_of(lead)), None)
    values = block.before(name, _LOOKED_AT, row + 1).values
    if name is None or len(values) < _FEWEST or not isfinite(values.sum()):
        return False
    shares = values * (scale_of(context, block, name, row) or 1.0)
    return bool(shares.max() - shares.min() >= _MOVES and 1 - shares.max() >= _ERRORS)


_LOOKED_AT, _FEWEST = 4, 3
"""Evaluations whose accuracies are compared, at most and at least."""

_MOVES = 0.003
"""Of an accuracy: fewer than that may be a few answers that change sides."""

_ERRORS = 0.03
"""Of the samples that are wrong: where fewer are, the positives are rare and hard to hit."""


def _ranking(context: Context, block: Block, row: int, lead: str) -> float | None:
    """Return the last AUROC of the same evaluation up to a row."""
    for name in context.names(Role.VAL_METRIC):
        if quantity_of(name) == "auroc" and group_of(name) == group_of(lead):
            values = block.before(name, 1, row + 1).values
            if len(values) and isfinite(values[0]):
                return float(values[0])
    return None
