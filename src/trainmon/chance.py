"""Chance levels: the loss of a model that knows the targets' frequencies and ignores its inputs.

A loss that stays at one of them has learned nothing. They are exact where the log tells what is
predicted: ln C for C equally frequent classes, the entropy of the class frequencies, ln V for the
next of V tokens, ln B for the matching one of B pairs, the variance of a target under squared
error, pi/2 for the angle between random directions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log, pi
from typing import Any

from trainmon.context import Context
from trainmon.record import EventKind
from trainmon.rule import Block

_ANGULAR = ("angul", "angle", "radian", "geodesic")
_CONTRASTIVE = ("infonce", "info_nce", "nt_xent", "ntxent", "contrastive", "clip")
_SQUARED = ("mse", "l2", "squared", "gaussian")
_RECONSTRUCTED = ("reconstruct", "autoencod")
"""Losses whose target is the input itself, mostly squared errors."""

_NO_ENTROPY = ("focal", "hinge", "dice", "mse", "l1", "l2", "mae", "huber", "smooth_l1", "triplet")
"""Losses of classes whose chance level is no entropy."""

_EVENTS_LOOKED_AT = 64
"""Events looked back over for what they tell of the targets: evaluations tell it each time."""


@dataclass(frozen=True, slots=True)
class Chance:
    """One chance level of a loss."""

    loss: float
    words: str
    """What it is, as a person writes it: ``ln 10``."""
    sure: bool
    """Whether the log tells it of this loss; otherwise it is likely from what is predicted."""


def chance_levels(context: Context, block: Block, row: int) -> tuple[Chance, ...]:
    """Return the chance levels of the judged losses with what is known at a row, surest first."""
    found: dict[str, Chance] = {}
    for chance in (*_from_settings(context), *_from_events(context, block, row)):
        found.setdefault(chance.words, chance)
    return tuple(sorted(found.values(), key=lambda chance: not chance.sure))


def is_contrastive(context: Context) -> bool:
    """Return whether pairs are told apart: such losses stay on a plateau before they fall."""
    return any(word in _loss_words(context) for word in _CONTRASTIVE)


def entropy(shares: Sequence[float]) -> float | None:
    """Return the entropy of class frequencies in nats; None of what are none.

    >>> entropy([1, 1, 2])
    1.0397207708399179
    """
    total = sum(shares)
    if not isfinite(total) or total <= 0 or min(shares) < 0:
        return None
    return -sum(n / total * log(n / total) for n in shares if n > 0)


def _from_settings(context: Context) -> Iterator[Chance]:
    told = context.positive("chance_loss")
    if told:
        yield Chance(told, "the level that was told", sure=True)
    loss = _loss_words(context)
    if any(word in loss for word in _ANGULAR):
        yield Chance(pi / 2, "pi/2", sure=True)
        return
    if any(word in loss for word in _CONTRASTIVE):
        batch = context.positive("batch_size")
        if batch and batch > 1:
            yield Chance(log(batch), f"ln {batch:.0f}", sure=True)
    if any(word in loss for word in _NO_ENTROPY):
        return
    classes, tokens = context.positive("num_classes"), context.positive("vocab_size")
    if classes and classes >= 2:  # noqa: PLR2004 - one class has no chance level
        yield Chance(log(classes), f"ln {classes:.0f}", sure=True)
    if tokens and tokens >= 2:  # noqa: PLR2004 - likewise
        yield Chance(log(tokens), f"ln {tokens:.0f}", sure=classes is None)


def _loss_words(context: Context) -> str:
    """Return what the configuration and the metric's name say of the loss."""
    return f"{context.settings.get('loss') or ''} {context.train_loss or ''}".lower()


def _from_events(context: Context, block: Block, row: int) -> Iterator[Chance]:
    loss = _loss_words(context)
    evaluation = _last(block, row, EventKind.EVALUATION)
    deviation = _deviation(evaluation) or _deviation(_last(block, row, EventKind.INPUTS))
    if deviation and any(word in loss for word in _SQUARED):
        yield Chance(deviation**2, "the variance of the target", sure=True)
    if any(word in loss for word in _RECONSTRUCTED):
        spread = _variance(_last(block, row, EventKind.INPUTS))
        if spread:
            yield Chance(spread, "the variance of the inputs", sure=True)
        return
    if any(word in loss for word in (*_NO_ENTROPY, *_ANGULAR, *_CONTRASTIVE)):
        return
    weighted = any(context.settings.get(key) for key in ("class_weights", "pos_weight"))
    shares = _shares(evaluation)
    prior = entropy(shares) if shares else None
    if prior and not weighted:
        yield Chance(prior, "the entropy of the classes", sure=True)
    outputs = _last(block, row, EventKind.OUTPUTS).get("shape")
    if not shares and isinstance(outputs, list) and len(outputs) > 1:
        width = outputs[-1]
        if isinstance(width, int) and width > 1:
            yield Chance(log(width), f"ln {width}", sure=False)


def _last(block: Block, row: int, kind: EventKind) -> Mapping[str, Any]:
    """Return the fields of the last event of a kind up to a row; empty if there is none."""
    events = block.lane.events
    upto = len(events)
    while upto and events[upto - 1].row > row:
        upto -= 1
    recent = events[max(0, upto - _EVENTS_LOOKED_AT) : upto]
    return next((event.fields for event in reversed(recent) if event.kind == kind), {})


def _shares(evaluation: Mapping[str, Any]) -> Sequence[float] | None:
    """Return the actual frequencies of the classes that an evaluation tells."""
    if evaluation.get("kind") == "multilabel":
        return None
    shares = evaluation.get("actual_shares")
    if isinstance(shares, list) and len(shares) > 1 and _is_row(shares):
        return shares
    confusion = evaluation.get("confusion")
    if isinstance(confusion, list) and len(confusion) > 1 and all(map(_is_row, confusion)):
        return [sum(row) for row in confusion]
    prevalence = evaluation.get("prevalence")
    if isinstance(prevalence, float) and 0 < prevalence < 1:
        return [1 - prevalence, prevalence]
    return None


def _is_row(row: object) -> bool:
    return isinstance(row, list) and all(isinstance(cell, (int, float)) for cell in row)


def _variance(event: Mapping[str, Any]) -> float | None:
    """Return the mean variance of the inputs' features, if the log tells all of them."""
    features, shape = event.get("features"), event.get("shape")
    if not isinstance(features, dict) or not isinstance(shape, list) or len(shape) != 2:  # noqa: PLR2004 - samples and features
        return None
    told = [each.get("std") for each in features.values() if isinstance(each, dict)]
    deviations = [std for std in told if isinstance(std, (int, float)) and isfinite(std)]
    if not deviations or len(deviations) != shape[1]:
        return None
    return sum(std**2 for std in deviations) / len(deviations)


def _deviation(event: Mapping[str, Any]) -> float | None:
    """Return the standard deviation of a regression's target, of the whole one."""
    target = event.get("target")
    if not isinstance(target, dict):
        targets = event.get("targets")
        target = next(iter(targets.values()), None) if isinstance(targets, dict) else None
    deviation = target.get("std") if isinstance(target, dict) else None
    usable = isinstance(deviation, (int, float)) and isfinite(deviation) and deviation > 0
    return float(deviation) if usable and deviation else None
