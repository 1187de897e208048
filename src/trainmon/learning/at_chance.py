"""Whether an evaluation is as good as guessing, from all of it whose chance level is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, log, pi

import numpy as np

from trainmon.chance import Chance, chance_levels, entropy
from trainmon.context import Context
from trainmon.evaluating.going_down import val_loss_goes_down
from trainmon.finite import finite
from trainmon.learning.angles import is_angle
from trainmon.learning.chance_metrics import SLACK, Standing, accuracies, standings
from trainmon.learning.guessed_classes import guessed_classes
from trainmon.learning.moments import begins
from trainmon.learning.negatives import share_of_negatives
from trainmon.learning.one_score import rankings_of_one_score
from trainmon.rule import Block

ENTROPY_SHARE = 0.97
"""Of an entropy: a loss at it or above is at chance; noise and a few lucky classes take 3 %."""

BOUND_SHARE = 0.95
"""Of levels that are upper bounds, as pi/2 is: a constant guess may already be this much better."""

LEARNED_SHARE = 0.9
"""Of a chance level: a loss below it has learned something."""

COMPARABLE = 1.5
"""Times its chance level: a loss far above it may be a sum, or weighted, and tells nothing."""

_RISE_OF = 8
"""Evaluations over which a metric is on its way up, or not."""


class Says(StrEnum):
    """What an evaluation says of a model."""

    CHANCE = "it guesses"
    LEARNED = "it has learned"
    NOTHING = "nothing for sure"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one evaluation says, and by which signs."""

    says: Says
    signs: int = 0
    """Independent signs of chance: the loss, and the metrics together."""
    loss: float | None = None
    chance: Chance | None = None
    """The chance level of the loss."""
    metric: Standing | None = None
    """The best of the metrics whose chance level is known."""


def verdict(context: Context, block: Block, row: int) -> Verdict:
    """Return what the evaluation at a row says."""
    loss, deaf = _last(block, context.val_loss, row), rankings_of_one_score(context, block, row)
    marks = [mark for mark in standings(context, block, row) if mark.name not in deaf]
    chance = lowest(chance_levels(context, block, row))
    if chance is None and is_angle(context, block, row):
        chance = Chance(pi / 2, "pi/2", sure=True)
    # A ranking above its chance level speaks against what is guessed of a loss and an accuracy.
    if chance is None and loss is not None and all(mark.at_chance for mark in marks):
        chance, guess = _guessed(context, block, row, loss)
        marks += [guess] if guess else []
    if loss is not None and (chance is None or chance.words.startswith("ln ")):
        prior, guess = _negative(context, block, row, loss)
        chance, marks = prior or chance, [*marks, guess] if guess else marks
    best = max(marks, key=lambda mark: (mark.value - mark.level) / (1 - mark.level), default=None)
    relative = loss / chance.loss if loss is not None and chance is not None else None
    guesses = any(mark.at_chance for mark in marks)
    if relative is not None and chance is not None and _tells_nothing(relative, chance, guesses):
        relative = None
    if any(mark.learned for mark in marks) or (relative is not None and relative < LEARNED_SHARE):
        return Verdict(Says.LEARNED, 0, loss, chance, best)
    below = relative is not None and chance is not None and relative < share_of(chance)
    rising = any(not mark.at_chance and _rises(block, mark, row) for mark in marks)
    signs = (relative is not None and not below) + guesses
    # The shares of the training data are those of a validation only as far as nothing denies it. A
    # loss just below its chance level does not: as slowly does a model learn those shares.
    apart = relative is None or relative > 1
    passing = apart and any(not it.sure and _climbs(block, it, row) for it in marks)
    if below or rising or passing or not signs:
        return Verdict(Says.NOTHING, 0, loss, chance, best)
    return Verdict(Says.CHANCE, signs, loss, chance, best)


def _tells_nothing(relative: float, chance: Chance, guesses: bool) -> bool:  # noqa: FBT001 - beside two numbers
    """Return whether a loss beside its chance level tells nothing, as it may be another one.

    ln C is too high for classes that are not equally frequent.
    """
    if guesses:
        return chance.words.startswith("ln ") and relative < share_of(chance)
    return relative > COMPARABLE


def share_of(chance: Chance) -> float:
    """Return from which part of a chance level on a loss is at it."""
    return BOUND_SHARE if chance.words == "pi/2" else ENTROPY_SHARE


def passes_by(context: Context, block: Block, row: int) -> bool:
    """Return whether the validation loss still falls: it comes by its chance level on its way.

    It does so in some large steps, or in many small ones, of which noise makes no row.
    """
    values = block.before(context.val_loss, _PASSING, row + 1).values
    falls = values[1:] < (1 - _STEP_DOWN) * values[:-1]
    if len(values) == _PASSING and bool((values > 0).all() and falls.all()):
        return True
    return val_loss_goes_down(context, block, row, _SMALL_STEPS, _STEPS_DOWN)


_PASSING = 3
"""Evaluations that go down step by step: two of them do so by accident half of the time."""

_STEP_DOWN = 0.02
"""Of the validation loss from one evaluation to the next: less is hardly a way to anywhere."""

_SMALL_STEPS = 4
"""Evaluations of which each is below the one before: of 24 orders of noise one is so."""

_STEPS_DOWN = 0.01
"""Of the validation loss, in the small steps together: as much as a run must improve since the gate
for anybody to wait for it."""


def lowest(levels: Sequence[Chance]) -> Chance | None:
    """Return the lowest of the levels that the log tells of this loss for sure."""
    return min((it for it in levels if it.sure), key=lambda it: it.loss, default=None)


def _guessed(
    context: Context, block: Block, row: int, loss: float
) -> tuple[Chance | None, Standing | None]:
    """Return the chance levels that a loss and an accuracy agree on, where none is told.

    A loss above its chance level agrees with nothing: there the first one of training may.
    """
    first = _first_loss(context, block, row)
    for name, value in accuracies(context, block, row):
        begun = guessed_classes(value, first) if first is not None else None
        if begun is not None and loss >= log(begun) and abs(value - 1 / begun) <= SLACK:
            chance = Chance(log(begun), f"ln {begun}", sure=True)
            return chance, Standing(name, value, 1 / begun, SLACK, sure=False)
        classes = guessed_classes(value, loss)
        if classes is not None:
            # The loss may lie a little lower where the classes are not equally frequent.
            chance = Chance(min(log(classes), loss), f"ln {classes}", sure=True)
            slack = max(SLACK, value - 1 / classes)
            return chance, Standing(name, value, 1 / classes, slack, sure=False)
    return None, None


def _first_loss(context: Context, block: Block, row: int) -> float | None:
    """Return the first value of the training loss up to a row, if the log begins with it."""
    told = block.lane.samples(context.train_loss)
    if not len(told) or told.rows[0] > row or not begins(context, block, row):
        return None
    return float(told.values[0]) if isfinite(told.values[0]) else None


def _negative(
    context: Context, block: Block, row: int, loss: float
) -> tuple[Chance | None, Standing | None]:
    """Return the chance levels where none is predicted positive, if the loss is at its own.

    A loss below it tells of scores that rank, however rarely one is high enough.
    """
    told = share_of_negatives(context, block, row)
    prior = entropy([told[1], 1 - told[1]]) if told else None
    if told is None or prior is None or not ENTROPY_SHARE <= loss / prior <= COMPARABLE:
        return None, None
    chance = Chance(prior, "the entropy of the classes", sure=True)
    return chance, Standing(*told, max(told[1], 1 - told[1]), SLACK)


def _rises(block: Block, mark: Standing, row: int) -> bool:
    """Return whether a metric has become better over the last evaluations."""
    values = block.before(mark.name, _RISE_OF, row + 1).values
    values = finite(values)
    if mark.guess:
        values = 1 - values / mark.guess
    if len(values) < 2:  # noqa: PLR2004 - one value goes nowhere
        return True
    scale = float(values[-1]) / mark.value if mark.value and not mark.guess else 1.0
    return bool(values[-2:].mean() - values[: (len(values) + 1) // 2].mean() > SLACK * scale)


def _climbs(block: Block, mark: Standing, row: int) -> bool:
    """Return whether a metric has climbed from best to best, so that what it came by is no guess.

    A model that begins to guess the commonest class jumps to its share and stays there, by chance a
    little higher now and then: of 64 evaluations fewer than five are the best so far.
    """
    values = finite(block.before(mark.name, _CLIMB_OF, row + 1).values)
    if len(values) < _CLIMB_LEAST:
        return False
    scale = float(values[-1]) / mark.value if mark.value else 1.0
    bests = 1 + np.count_nonzero(np.diff(np.maximum.accumulate(values)))
    third = len(values) // 3
    gained = values[-third:].mean() - values[:third].mean()
    return bool(bests >= max(_CLIMB_LEAST, len(values) / 4) and gained > SLACK * scale)


_CLIMB_OF = 64
"""Evaluations over which it has climbed."""

_CLIMB_LEAST = 6
"""Of them that are the best so far: as many as a guess has by luck once in fifty times."""


def _last(block: Block, name: str | None, row: int) -> float | None:
    """Return the last value of a metric up to a row, if it is finite."""
    values = block.before(name, 1, row + 1).values
    return float(values[0]) if len(values) and isfinite(values[0]) else None
