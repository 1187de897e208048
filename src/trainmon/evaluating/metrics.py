"""The metrics of one evaluation by what they measure, whatever a project calls them.

Metrics belong together that are of one split and one level of names: ``val/f1`` and
``val/recall``, but not ``val/ood/f1``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite
from types import MappingProxyType

import numpy as np

from trainmon.context import Context
from trainmon.roles import Role
from trainmon.roles.name import Split, parsed
from trainmon.rule import Block

_SPELLINGS = {
    "accuracy": "acc accuracy acc@1 acc1 acc_1 top1 top_1 top1_acc top_1_acc accuracy_top_1"
    " binary_accuracy categorical_accuracy sparse_categorical_accuracy multiclass_accuracy"
    " accuracy_score",
    "top5": "acc@5 acc5 acc_5 top5 top_5 top5_acc top_5_acc accuracy_top_5 top5_accuracy",
    "balanced_accuracy": "balanced_accuracy balanced_acc bal_acc",
    "precision": "precision prec ppv precision_score",
    "recall": "recall sensitivity tpr recall_score",
    "f1": "f1 f1_score f1score binary_f1 binary_f1_score",
    "auroc": "auroc roc_auc rocauc auc_roc auc",
    "ap": "ap average_precision auprc aucpr auc_pr pr_auc",
    "map": "map map50_95 map_0.5:0.95 map_50_95",
    "ap50": "ap50 ap_50 ap_.5 map50 map_50 map_0.5",
    "prevalence": "prevalence positive_share positive_rate pos_rate base_rate",
    "positives": "positives n_positives num_positives n_pos num_pos",
    "mcc": "mcc matthews_corrcoef matthews matthews_correlation matthews_correlation_coefficient",
    "kappa": "kappa cohen_kappa cohens_kappa cohen_kappa_score qwk quadratic_weighted_kappa"
    " weighted_kappa quadratic_kappa kappa_score",
}

_QUANTITIES = {word: name for name, words in _SPELLINGS.items() for word in words.split()}

_KIND = re.compile(r"\([a-z]\)$")
"""What detectors that draw boxes and masks put behind a name: ``metrics/precision(B)``."""

ONE_EVALUATION = 64
"""Records within which the metrics of one evaluation stand, where each has a record of its own."""

_LOOKED_AT = 8
"""Last values of a metric of which one above 1 shows that all are percent."""

_PERCENT = 1.5
"""A share is at most 1, but for rounding; percent are above this before long."""

_SHARES = frozenset(_SPELLINGS) - {"positives", "mcc", "kappa"}
"""What lies between 0 and 1."""


_OF_TRAINING = (Split.NONE, Split.TRAIN)
"""Splits of what is counted in no evaluation."""


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics of one kind of evaluation."""

    key: str
    """Its split and the level of its names, such as ``val`` or ``val/ood``."""
    names: Mapping[str, str]
    """The metric that measures a quantity, by the quantity."""


def group_of(name: str) -> str:
    """Return the key of the group that a metric belongs to.

    >>> group_of("val_f1"), group_of("f1/valid"), group_of("test/ood/f1"), group_of("f1")
    ('val', 'val', 'test/ood', '')
    """
    parts = parsed(name)
    above, _, word = parts.quantity.rpartition("/")
    kind = _KIND.search(word)
    return "/".join(filter(None, (parts.split.value, above, kind and kind[0])))


def groups(context: Context) -> tuple[Group, ...]:
    """Return the groups of a run's evaluation metrics, and what their evaluations count."""
    return _groups(context.names(Role.VAL_METRIC), context.names(Role.COUNTER))


@lru_cache(maxsize=64)
def _groups(names: tuple[str, ...], counters: tuple[str, ...]) -> tuple[Group, ...]:
    found: dict[str, dict[str, str]] = {}
    counts = (
        n for n in counters if quantity_of(n) == "positives" and parsed(n).split not in _OF_TRAINING
    )
    names = (*names, *counts)
    for name in names:
        quantity = quantity_of(name)
        if quantity:
            found.setdefault(group_of(name), {}).setdefault(quantity, name)
    return tuple(Group(key, MappingProxyType(members)) for key, members in found.items())


def quantity_of(name: str) -> str:
    """Return what a metric measures, among what the rules know; empty for all else.

    >>> quantity_of("eval_f1"), quantity_of("val/acc1"), quantity_of("val/tpr@fpr1e-4")
    ('f1', 'accuracy', '')
    """
    return _QUANTITIES.get(_KIND.sub("", parsed(name).word), "")


def rows_of(block: Block, names: Mapping[str, str]) -> list[int]:
    """Return the rows of a block in which one of the metrics stands, ascending."""
    found = [block.samples(name).rows for name in names.values()]
    held = [rows for rows in found if len(rows)]
    if len(held) == 1:
        return [int(row) for row in held[0]]
    return [int(row) for row in np.unique(np.concatenate(held))] if held else []


def values_at(context: Context, block: Block, group: Group, row: int) -> dict[str, float]:
    """Return what the evaluation at a row measured, by quantity; percent as shares.

    Metrics of the same step belong to it that stand in records just before. Where one metric of a
    group is in percent, another one below 1 may be too, and is left out unless it is 0.
    """
    told, shares = dict[str, float](), dict[str, float]()
    percent = False
    for quantity, name in group.names.items():
        values = _last_values(block, name, row)
        if not values or not isfinite(values[-1]):
            continue
        scale = _scale(context, name, values) if quantity in _SHARES else 1.0
        percent |= scale == _ONE_PERCENT
        if scale is not None:
            (shares if quantity in _SHARES and scale == 1 else told)[quantity] = values[-1] * scale
    told |= {q: value for q, value in shares.items() if value == 0 or (value <= 1 and not percent)}
    return told


def value_at(block: Block, name: str, row: int) -> float | None:
    """Return the finite value that a metric has in the evaluation at a row."""
    values = _last_values(block, name, row)
    return values[-1] if values and isfinite(values[-1]) else None


def _last_values(block: Block, name: str, row: int) -> list[float]:
    """Return the last values of a metric up to the evaluation at a row, if it has one there."""
    every = block.lane.samples(name)
    count = len(every)
    if count and every.rows[-1] > row:
        (count,) = every.positions(row + 1)
    if not count:
        return []
    last = int(every.rows[count - 1])
    if last < block.baseline_row or not same_evaluation(block, last, row):
        return []
    values: list[float] = every.values[max(0, count - _LOOKED_AT) : count].tolist()
    return values


def holds_any(block: Block, group: Group, quantity: str, wanted: tuple[float, ...]) -> bool:
    """Return whether a quantity has one of some values in a block; percent count as shares."""
    values = block.samples(group.names.get(quantity)).values
    return bool(len(values)) and any(
        bool((values == value).any() or (value and (values == 100 * value).any()))
        for value in wanted
    )


def comes_again(block: Block, group: Group, quantity: str, within: int) -> bool:
    """Return whether a quantity has a value again after fewer evaluations, anywhere in a block."""
    name = group.names.get(quantity)
    new = block.samples(name).values
    if not len(new):
        return False
    values = np.concatenate((block.before(name, within - 1).values, new))
    return any(bool((values[lag:] == values[:-lag]).any()) for lag in range(1, within))


def same_evaluation(block: Block, earlier: int, row: int) -> bool:
    """Return whether two rows belong to one evaluation; -1 stands for none before."""
    if earlier == row:
        return True
    if earlier < 0 or abs(row - earlier) > ONE_EVALUATION:
        return False
    for places in (block.steps, block.epochs):
        here, there = float(places[row]), float(places[earlier])
        if isfinite(here) or isfinite(there):
            return here == there
    return False


def scale_of(context: Context, block: Block, name: str, row: int) -> float | None:
    """Return by what a metric is to be multiplied to be a share: 1, or 0.01 if it is percent.

    None where it cannot be told: a name that mostly stands for percent, and values that may be
    shares as well.
    """
    return _scale(context, name, block.before(name, _LOOKED_AT, row + 1).values.tolist())


def _scale(context: Context, name: str, values: list[float]) -> float | None:
    if any(_PERCENT < value < inf for value in values):
        return _ONE_PERCENT
    return None if context.role(name).unit == "%" else 1.0


_ONE_PERCENT = 0.01


def decimals(value: float) -> int:
    """Return after how many decimals a number ends; those of a computed one are 10 or more.

    >>> decimals(0.4365), decimals(1 / 3)
    (4, 16)
    """
    return len(f"{value:.16f}".rstrip("0").partition(".")[2]) if isfinite(value) else 0


def agree(first: float, second: float) -> bool:
    """Return whether two numbers are one but for rounding to three or more decimals.

    A number that ends sooner is taken as it is: hardly anybody rounds a share to two.

    >>> agree(0.4365, 276_320 / 633_040), agree(0.4365, 0.437), agree(0.3, 0.3004)
    (True, True, False)
    """
    both = sorted(map(decimals, (first, second)))
    digits = min(both[0] if both[0] >= _ROUNDED else both[1], _COMPUTED)
    # Half a unit of the last decimal, and what single precision loses.
    return abs(first - second) <= 0.5 * 10.0**-digits * (1 + 1e-6) + 1e-9


_ROUNDED = 3
"""Decimals to which shares are rounded at the coarsest."""

_COMPUTED = 6
"""Decimals that numbers of single precision share."""
