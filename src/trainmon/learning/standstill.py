"""Why it is said that a run does not learn: where it stands, and beside which chance level."""

from dataclasses import dataclass
from math import log, pi
from typing import Any

from trainmon.chance import Chance
from trainmon.context import Context
from trainmon.finite import finite
from trainmon.learning.at_chance import LEARNED_SHARE, Verdict, share_of
from trainmon.learning.loss_course import LossCourse
from trainmon.learning.patience import Place
from trainmon.medians import median_of
from trainmon.rule import Block

_ABOVE = 1.5
"""Times a chance level: a loss above it is another one, a sum perhaps."""

_EXACT = 0.003
"""Of ln k or pi/2: nearer than chance brings a loss."""

_USUAL_CLASSES = (2, 3, 4, 5, 8, 10, 16, 20, 32, 64, 100, 128, 256, 512, 1_000, 1_024)


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why it is said that a run does not learn."""

    title: str
    metric: str
    value: float
    chance: Chance | None = None
    never_better: bool = False
    """Whether validation has gained nothing since its first evaluation, while training learned."""


def falls(course: LossCourse, chance: Chance | None) -> bool:
    """Return whether the training loss falls clearly, below chance where that is known."""
    if chance is not None:
        return course.now.value < LEARNED_SHARE * chance.loss
    return course.improvement > max(3 * course.error, 0.05 * abs(course.gate.value))


def is_at(chance: Chance, course: LossCourse) -> bool:
    """Return whether the training loss stands at a chance level, or above it as it began."""
    now, start = course.now.value, course.start.value
    if now < share_of(chance) * chance.loss or now > _ABOVE * chance.loss:
        return False
    return start < 2 * chance.loss if now <= 1.05 * chance.loss else not course.has_fallen


def exact_level(value: float) -> Chance | None:
    """Return the chance level that a value is so near to that it is no accident."""
    levels = [Chance(log(n), f"ln {n}", sure=False) for n in _USUAL_CLASSES]
    levels.append(Chance(pi / 2, "pi/2", sure=False))
    return next((it for it in levels if abs(value - it.loss) <= _EXACT * it.loss), None)


def level_words(chance: Chance | None) -> str:
    """Return where guessing is, as the end of a title; nothing where that is not known."""
    return f", where guessing is ({chance.words} = {chance.loss:.3g})" if chance else ""


def evidence_of(
    context: Context,
    block: Block,
    row: int,
    course: LossCourse,
    found: Verdict,
    stands: Standstill,
) -> dict[str, Any]:
    """Return the numbers that speak for it."""
    gate = Place.of(context, block, context.learning_row or 0)
    evidence: dict[str, Any] = {
        "value": stands.value,
        "improvement": course.improvement / abs(course.gate.value or 1.0),
        "since_step": gate.step,
        "samples": course.count,
        "train": course.now.value,
        "train_at_start": course.start.value,
        "train_falls": falls(course, found.chance),
    }
    if stands.chance is not None:
        evidence |= {"baseline": stands.chance.loss, "baseline_name": stands.chance.words}
    if found.metric is not None:
        evidence |= {"metric": found.metric.name, "metric_value": found.metric.told}
        evidence["majority"] = found.metric.guess or found.metric.level
    if found.loss is not None:
        evidence["val_loss"] = found.loss
    for key, name in (("lr", context.learning_rate), ("grad_norm", context.grad_norm)):
        values = block.before(name, 64, row + 1).values
        values = finite(values)
        if len(values):
            evidence[key] = float(values[-1] if key == "lr" else median_of(values))
    return evidence
