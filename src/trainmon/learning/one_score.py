"""Whether an AUROC is taken of scores that are all one, though the model's answers are not.

An AUROC of exactly one half is that of a constant. A model whose scores are one gives all samples
one answer, so that its accuracy is the share of one class or of the other. An accuracy that goes
up through several values beside it is of other answers: then the AUROC speaks of the scores it was
given, and not of the model.
"""

import numpy as np

from trainmon.context import Context
from trainmon.evaluating.metrics import groups
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.rule import Block

_CONSTANT = 0.5
"""The AUROC of scores that are all one, to the last bit."""

_LOOKED_AT = 64
"""Evaluations whose accuracies are compared."""

_ANSWERS = 3
"""Values of an accuracy that no single answer has: all of one class, or all of the other."""

_RISE = 0.1
"""Of the way from the first accuracy to a perfect one: random parts of a set differ by less."""

_PERCENT = 1.5
"""An accuracy above this is in percent."""


def rankings_of_one_score(context: Context, block: Block, row: int) -> frozenset[str]:
    """Return the areas under curves up to a row that tell of their scores alone."""
    told = set[str]()
    for group in groups(context):
        auroc, accuracy = group.names.get("auroc"), group.names.get("accuracy")
        if auroc is None or accuracy is None:
            continue
        last = block.before(auroc, 1, row + 1).values
        if len(last) and last[0] == _CONSTANT and _learns(block, accuracy, row):
            told |= {auroc, group.names.get("ap", auroc)}
    return frozenset(told)


def _learns(block: Block, accuracy: str, row: int) -> bool:
    """Return whether an accuracy has gone up by several values."""
    values = finite(block.before(accuracy, _LOOKED_AT, row + 1).values)
    if len(values) < _ANSWERS or len(np.unique(values)) < _ANSWERS:
        return False
    whole = 100.0 if values.max() > _PERCENT else 1.0
    level = median_of(values[-_ANSWERS:])
    return level - float(values[0]) > _RISE * (whole - float(values[0]))
