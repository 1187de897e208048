"""The parts of a training loss: which are there, which is the task's own, what each contributes."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from trainmon.configuration import number_in
from trainmon.context import Context
from trainmon.finite import finite
from trainmon.medians import median_of
from trainmon.roles import Direction, Role
from trainmon.rule import Block
from trainmon.store.batch import Floats, Samples

Kind = Literal["main", "aux", ""]
"""What a part is, by its name; nothing where the name does not tell."""

_FEWEST = 2
"""Parts of which one can outweigh another."""

_LOOKED_AT = 64
"""Metrics that may be parts; where there are more, they are of each layer."""

_MOST = 8
"""Parts beyond which a loss is that of a detector or of many layers, which balance each other."""

_MAIN_WORDS = (
    "main primary task cls class classification ce bce nll xent cross_entropy seg segmentation"
    " semantic dice iou focal det detection box bbox obj dfl mask kpt keypoint recon rec"
    " reconstruction lm mlm ctc sup supervised student mse mae huber rank triplet"
)

_AUXILIARY_WORDS = (
    "aux auxiliary reg regularizer regularization regularisation penalty kl kld deep ds deepsup"
    " leak l2 wd weight decay commit commitment vq codebook z router balance balancing moe"
    " consistency distill distillation kd ent entropy sparsity sparse smooth tv temp mtp ortho"
    " orthogonality"
)

_MAIN, _AUXILIARY = (frozenset(words.split()) for words in (_MAIN_WORDS, _AUXILIARY_WORDS))

_WEIGHT = "loss_weight"
"""The level under which weights that vary are logged."""

_LOSS = re.compile(r"(?:^|_)loss(?:es)?(?=_|$)")

_FIRST = 8
"""Samples at the beginning whose median is where a part began."""

_EARLY = 1_000.0
"""Steps within which the first sample must stand for it to be the beginning of the training."""

_ALIKE = 0.02
"""Of the total: how near the sum of all parts comes to it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the training loss."""

    metric: str
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts over some records: medians, by metric."""

    levels: Mapping[str, float]
    """As they are logged."""
    contributions: Mapping[str, float]
    """Weighted as the total is, so far as that can be found out."""
    total: float
    sum: float
    """Of the weighted parts."""
    differs: bool
    """Whether the total differs from the sum, record by record and by no chance."""


def parts_of(context: Context) -> tuple[Part, ...]:
    """Return the parts of the judged training loss; none where there are too many to tell apart."""
    names = context.names(Role.LOSS_PART)
    if len(names) < _FEWEST or len(names) > _LOOKED_AT or context.names(Role.RETURN):
        return ()  # of a learner that explores they balance each other
    falling = (name for name in names if context.role(name).direction == Direction.LOWER)
    return _parts(tuple(falling), context.train_loss)


@lru_cache(maxsize=64)
def _parts(names: tuple[str, ...], total: str | None) -> tuple[Part, ...]:
    names = tuple(name for name in names if "unscaled" not in name)
    spaces = Counter(map(_space, names))
    space = _space(total) if total else ""
    if not space and spaces[space] < _FEWEST:  # parts may stand in a folder, and the total in none
        space = next((each for each, _ in spaces.most_common(1)), "")
    parts = [
        Part(name, _part_name(name), _kind(_part_name(name)))
        for name in names
        if _space(name) == space and not _part_name(name).isdigit()  # which tells nothing
    ]
    return tuple(parts) if _FEWEST <= len(parts) <= _MOST else ()


def reading(
    parts: tuple[Part, ...], context: Context, block: Block, first_row: int, row: int
) -> Reading | None:
    """Return what the parts contributed from a row up to another one; None where some are gaps."""
    total = between(block, context.train_loss, first_row, row)
    columns = {part.metric: between(block, part.metric, first_row, row) for part in parts}
    medians = {name: _median(samples.values) for name, samples in columns.items()}
    if not all(np.isfinite(value) for value in medians.values()):
        return None
    level = _median(total.values)
    weighted = [_weighted(medians, weights) for weights in _weightings(parts, context, block, row)]
    if not np.isfinite(level):  # only the parts are logged
        best = weighted[0]
        return Reading(medians, best, sum(best.values()), sum(best.values()), differs=False)
    best = min(weighted, key=lambda each: abs(sum(each.values()) - level))
    told = sum(best.values())
    differs = abs(told - level) > _ALIKE * abs(level) and all(
        _differs(total, columns, weights) for weights in _weightings(parts, context, block, row)
    )
    return Reading(medians, best, level, told, differs)


def main_of(parts: tuple[Part, ...], told: Reading) -> Part:
    """Return the task's own part: by its name, else the largest but one that dominates all."""
    named = [part for part in parts if part.kind == "main"]
    plain = [part for part in parts if part.kind == ""]
    by_size = sorted(named or plain or parts, key=lambda part: told.contributions[part.metric])
    alone = not named and len(by_size) == len(parts)  # nothing tells them apart but their size
    return by_size[-2] if alone else by_size[-1]


def start_of(metric: str, block: Block, row: int) -> float:
    """Return where a part began; NaN if the log up to a row does not show the beginning."""
    every = block.lane.samples(metric)
    (last,) = every.positions(row + 1)
    values = every.values[: min(last, _FIRST)]
    values = finite(values)
    if not len(values) or block.steps[int(every.rows[0])] > _EARLY:
        return float("nan")
    return median_of(values)


def _weightings(
    parts: tuple[Part, ...], context: Context, block: Block, row: int
) -> tuple[Mapping[str, float], ...]:
    """Return the weights that the parts may have, by metric: as told, or weighted already."""
    told = {}
    space = _space(parts[0].metric)
    for part in parts:
        settings = (f"loss_weights/{part.name}", f"{part.name}_weight", f"loss_weight_{part.name}")
        weight = next((w for s in settings if (w := number_in(context.settings, s)) is not None), 1)
        logged = block.before(f"{space}/{_WEIGHT}/{part.name}".lstrip("/"), 1, row + 1).values
        told[part.metric] = float(logged[0]) if len(logged) else float(weight)
    return told, dict.fromkeys(told, 1.0)


def _weighted(values: Mapping[str, float], weights: Mapping[str, float]) -> Mapping[str, float]:
    return {name: weights[name] * value for name, value in values.items()}


def _differs(total: Samples, columns: Mapping[str, Samples], weights: Mapping[str, float]) -> bool:
    """Return whether a total differs from the weighted sum in nearly every record, in one sense."""
    if any(not np.array_equal(each.rows, total.rows) for each in columns.values()):
        return False
    told = np.sum([weights[name] * each.values for name, each in columns.items()], axis=0)
    rests: Floats = (total.values - told) / np.abs(total.values)
    above, below = (rests > _ALIKE).mean(), (rests < -_ALIKE).mean()
    return bool(max(above, below) > 1 - _ALIKE)


def between(block: Block, name: str | None, first_row: int, row: int) -> Samples:
    """Return the samples of a metric from one row to another, both included."""
    every = block.lane.samples(name)
    first, last = every.positions(first_row, row + 1)
    return Samples(every.rows[first:last], every.values[first:last])


def _median(values: Floats) -> float:
    values = finite(values)
    return median_of(values) if len(values) else float("nan")


def _space(metric: str) -> str:
    """Return where a loss or part stands: ``train`` for ``train/loss/aux`` and ``train/loss``."""
    levels = metric.lower().split("/")[:-1]
    return "/".join(level for level in levels if level not in ("loss", "losses"))


def _part_name(metric: str) -> str:
    """Return what a part is called.

    >>> _part_name("train/loss/aux"), _part_name("loss_kl"), _part_name("train/box_loss")
    ('aux', 'kl', 'box')
    """
    word = metric.lower().rpartition("/")[2].replace("-", "_").replace(".", "_")
    return _LOSS.sub("", word).strip("_") or word


def _kind(name: str) -> Kind:
    """Return what a part is: an auxiliary word tells more than a word of the task beside it.

    >>> _kind("aux_seg"), _kind("main"), _kind("box_reg"), _kind("foo")
    ('aux', 'main', 'main', '')
    """
    words = name.split("_")
    if words[0] in _AUXILIARY and words[0] != "reg":
        return "aux"
    if _MAIN.intersection((*words, name)):
        return "main"
    return "aux" if _AUXILIARY.intersection((*words, name)) else ""
