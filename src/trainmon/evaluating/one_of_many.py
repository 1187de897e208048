"""Which metrics of a validation are those of one class each: several that differ in a word alone.

``val/iou_road``, ``val/iou_car`` and ``val/iou_sky`` are the classes of one measure. A rare class
comes and goes, which says nothing of the run; what it is for, the measure of all of them tells.
"""

import re

from trainmon.context import Context
from trainmon.once import once
from trainmon.roles import Role
from trainmon.roles.name import parsed

_MEASURES = {"acc", "accuracy", "iou", "jaccard", "dice", "f1", "f1_score", "f1score", "fscore"} | {
    *("recall", "precision", "ap", "auc", "auroc"),
}

_WHOLE = {"macro", "micro", "weighted", "mean", "avg", "average", "all", "total", "overall"} | {
    *("score", "best", "ema", "samples", "small", "medium", "large", "teacher", "student"),
}
"""Words behind a measure that make it no class."""

_CLASS = re.compile(r"(?!top|at|k\d)[a-z][\w -]*")
"""A word that may be a class, and no number of guesses as in ``recall_at_5``."""

_FEWEST = 3
"""Names that differ in one word: two may be a model and its average."""


@once
def of_one_class(context: Context) -> frozenset[str]:
    """Return the validation metrics of one class each, as far as names alone tell."""
    return _of_one_class(context.names(Role.VAL_METRIC))


def _of_one_class(names: tuple[str, ...]) -> frozenset[str]:
    """Return the names of three or more that share a measure and differ in what stands beside it.

    >>> sorted(_of_one_class(("val/iou_road", "val/iou_car", "val/iou_sky", "val/iou")))
    ['val/iou_car', 'val/iou_road', 'val/iou_sky']
    >>> sorted(_of_one_class(("val/recall@1", "val/recall@5", "val/recall@10", "val/f1_macro")))
    []
    """
    members = dict[str, list[str]]()
    for name in names:
        for stem, last in _cuts(parsed(name).quantity):
            if stem and last not in _WHOLE and _CLASS.fullmatch(last):
                members.setdefault(stem, []).append(name)
    return frozenset(n for found in members.values() if len(found) >= _FEWEST for n in found)


def _cuts(quantity: str) -> list[tuple[str, str]]:
    """Return a quantity cut behind the measure it begins or ends with, each way there is."""
    cuts = list[tuple[str, str]]()
    for at, character in enumerate(quantity):
        if character in "/_.-":
            before, after = quantity[:at], quantity[at + 1 :]
            measure = before.rpartition("/")[2]
            if measure in _MEASURES:
                cuts.append((before, after))
            if after in _MEASURES:
                cuts.append((f"*{after}", before))
    return cuts
