"""The diagnosis of a run: its findings weighed with what its configuration and its curves tell."""

from collections.abc import Sequence
from math import log

import numpy as np

from trainmon.causes.diagnosis import Diagnosis
from trainmon.causes.facts import ANSWERS, Facts
from trainmon.causes.ranking import diagnose
from trainmon.causes.readings import Curves, Readings, readings
from trainmon.chance import Chance
from trainmon.context import Context
from trainmon.courses.cells import levels
from trainmon.evaluating.evaluations import noise
from trainmon.evaluating.going_down import goes_down
from trainmon.evaluating.metrics import quantity_of
from trainmon.finite import finite
from trainmon.incidents import Incident
from trainmon.learning.guessed_classes import guessed_classes
from trainmon.roles import Direction, Role
from trainmon.roles.name import parsed
from trainmon.store.batch import Floats

_RATES = 50
"""Learning rates looked back over, from the end and from an onset: a run bears too high a one for
some steps."""

_EARLIER = 20_000
"""Learning rates before an onset that are looked back over, so that a look costs no more."""


def weighed(
    findings: Sequence[Incident], context: Context, curves: Curves, chance: Sequence[Chance]
) -> tuple[Diagnosis, ...]:
    """Return the causes of findings as the log stands; `chance` holds the surest level first."""
    if not findings:
        return ()
    rates = curves.samples(context.learning_rate)
    (onset,) = rates.positions(min(finding.onset_row for finding in findings) + 1)
    # Records of a finding on an evaluation may stand before that of the step that brought it about.
    before = rates.values[max(0, onset - _RATES) : onset + 1]
    rose = _any_rose(context, curves)
    val_losses = curves.samples(context.val_loss).values
    levels_read = readings(context, curves)
    return diagnose(
        Facts(
            findings,
            context,
            last_lr=next(iter(finite(rates.values[-_RATES:])[-1:].tolist()), None),
            onset_lr=max(finite(before).tolist(), default=None),
            rate_jump=_jump(rates.values, onset),
            readings=levels_read,
            metrics_rose=rose,
            val_loss_goes_down=goes_down(val_losses, _IN_A_ROW, 0.0),
            answers_stood=not rose and _are_counted(context, curves),
            best_val_loss=min(finite(val_losses), default=np.nan),
            best_val_is_first=_is_best_first(val_losses),
            val_stands_at_train=_stands_at_train(val_losses, levels_read),
            chance=next((level.loss for level in chance), _guessed(context, curves)),
        )
    )


def _is_best_first(val_losses: Floats) -> bool:
    """Return whether no evaluation was better than the first."""
    known = finite(val_losses)
    return len(known) > 1 and bool(known[0] == known.min())


def _stands_at_train(val_losses: Floats, read: Readings) -> bool:
    """Return whether validation never left the level to which the training loss fell."""
    known = finite(val_losses[:_EVALUATIONS])
    if len(known) < _SEVERAL or known[0] <= 0 or np.ptp(known) > _STANDS * known[0]:
        return False
    apart = abs(read.loss - known[-1])
    return bool(apart <= _ALIKE * known[-1] and read.first_loss > (1 + _ALIKE) * known[-1])


def _guessed(context: Context, curves: Curves) -> float:
    """Return the chance level on which the first loss and accuracy agree, or NaN.

    An untrained model guesses any of C classes; later a loss may be anything.
    """
    losses = finite(curves.samples(context.val_loss).values[:1])
    for name in context.names(Role.VAL_METRIC):
        first = finite(curves.samples(name).values[:1])
        if _ACCURACY in parsed(name).word.split("_") and len(first) and len(losses):
            classes = guessed_classes(float(first[0]), float(losses[0]))
            if classes is not None:
                return log(classes)
    return np.nan


def _jump(rates: Floats, onset: int) -> float:
    """Return how many times all earlier rates those at an onset are."""
    at = max(0, onset - 1)
    earlier, there = finite(rates[max(0, at - _EARLIER) : at]), finite(rates[at : onset + 1])
    highest = float(earlier.max()) if len(earlier) else 0.0
    return float(there.max()) / highest if len(there) and highest > 0 else np.nan


def _any_rose(context: Context, curves: Curves) -> bool:
    """Return whether a validation metric went up by more than its noise, or ranks for sure."""
    for name in context.names(Role.VAL_METRIC):
        values = finite(curves.samples(name).values[:_EVALUATIONS])
        if context.direction(name) != Direction.HIGHER or len(values) < _LEVEL_OF:
            continue
        level = float(levels(values, _LEVEL_OF - 1, _LEVEL_OF).max())
        whole = _PERCENT if level > _SHARE else 1.0
        if quantity_of(name) == "auroc":
            if level > _RANKS * whole:
                return True
            if level <= _NO_RANKING * whole:
                continue  # it may rise as far as that without any ranking
        rise, room = level - float(values[0]), whole - float(values[0])
        if rise > max(_RISE * room, _NOISES * noise(tuple(values[:_NOISE_OF].tolist()))):
            return True
    return False


def _are_counted(context: Context, curves: Curves) -> bool:
    """Return whether several evaluations counted the right answers of all samples."""
    names = (n for n in context.names(Role.VAL_METRIC) if quantity_of(n) in ANSWERS)
    return any(len(finite(curves.samples(n).values[:_EVALUATIONS])) >= _SEVERAL for n in names)


_STANDS = 0.02
"""Of a validation loss: within it all evaluations are alike."""

_ALIKE = 0.05
"""Of a level: two losses as near are at one."""

_ACCURACY = "acc"
"""A word of the names of accuracies, of tokens too."""

_IN_A_ROW = 5
"""Evaluations of which each is below the one before: of 120 orders of noise one is so."""

_SEVERAL = 5
"""Evaluations in which what can be learned has begun to show."""

_EVALUATIONS = 1_000
"""Evaluations among which a metric is at its best: it is asked whether there was anything."""

_LEVEL_OF = 3
"""Evaluations in a row whose median is a level."""

_SHARE, _PERCENT = 1.5, 100.0
"""A metric above this is no share, but percent."""

_RANKS = 0.65
"""An AUROC from which on scores rank for sure."""

_NO_RANKING = 0.5
"""The AUROC of scores that do not rank: below it they rank the wrong way round."""

_RISE = 0.1
"""Of the way from the first evaluation to a perfect one."""

_NOISES, _NOISE_OF = 3.0, 24
"""Times the noise of an evaluation, which the second differences of so many tell."""
