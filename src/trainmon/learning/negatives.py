"""The share of negatives, as an accuracy tells it of a model that finds no positive at all."""

from trainmon.context import Context
from trainmon.evaluating.metrics import groups
from trainmon.learning.chance_metrics import accuracies
from trainmon.rule import Block

_TWO = 2.0
"""Classes, of which one is the positive one."""

_AGAIN = 2
"""Evaluations whose accuracy is the same: a single one may be any."""


def share_of_negatives(context: Context, block: Block, row: int) -> tuple[str, float] | None:
    """Return an accuracy that is the share of negatives up to a row, with its name, if one is.

    It is where it stays the same to the last bit while F1 is 0: none is predicted positive.
    """
    if (context.positive("num_classes") or _TWO) > _TWO:
        return None
    for group in groups(context):
        accuracy, f1 = group.names.get("accuracy"), group.names.get("f1")
        if accuracy is None or f1 is None:
            continue
        found, right = block.before(f1, _AGAIN, row + 1), block.before(accuracy, _AGAIN, row + 1)
        if len(found) < _AGAIN or found.values.any() or len(set(right.values.tolist())) != 1:
            continue
        told = [value for name, value in accuracies(context, block, row) if name == accuracy]
        if len(right) == _AGAIN and told and 0 < max(told) < 1:
            return accuracy, max(told)
    return None
