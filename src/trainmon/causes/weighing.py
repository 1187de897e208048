"""The diagnosis of a run: its findings weighed with what its configuration and its curves tell."""

from collections.abc import Sequence

import numpy as np

from trainmon.causes.diagnosis import Diagnosis
from trainmon.causes.facts import ANSWERS, Facts
from trainmon.causes.ranking import diagnose
from trainmon.causes.readings import Curves, readings
from trainmon.chance import Chance
from trainmon.context import Context
from trainmon.courses.cells import levels
from trainmon.evaluating.evaluations import noise
from trainmon.evaluating.going_down import goes_down
from trainmon.evaluating.metrics import quantity_of
from trainmon.finite import finite
from trainmon.incidents import Incident
from trainmon.roles import Direction, Role
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
    return diagnose(
        Facts(
            findings,
            context,
            last_lr=next(iter(finite(rates.values[-_RATES:])[-1:].tolist()), None),
            onset_lr=max(finite(before).tolist(), default=None),
            rate_jump=_jump(rates.values, onset),
            readings=readings(context, curves),
            metrics_rose=rose,
            val_loss_goes_down=goes_down(val_losses, _IN_A_ROW, 0.0),
            answers_stood=not rose and _are_counted(context, curves),
            best_val_loss=min(finite(val_losses), default=np.nan),
            chance=next((level.loss for level in chance), np.nan),
        )
    )


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
        if quantity_of(name) == "auroc" and level > _RANKS * whole:
            return True
        rise, room = level - float(values[0]), whole - float(values[0])
        if rise > max(_RISE * room, _NOISES * noise(tuple(values[:_NOISE_OF].tolist()))):
            return True
    return False


def _are_counted(context: Context, curves: Curves) -> bool:
    """Return whether several evaluations counted the right answers of all samples."""
    names = (n for n in context.names(Role.VAL_METRIC) if quantity_of(n) in ANSWERS)
    return any(len(finite(curves.samples(n).values[:_EVALUATIONS])) >= _SEVERAL for n in names)


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

_RISE = 0.1
"""Of the way from the first evaluation to a perfect one."""

_NOISES, _NOISE_OF = 3.0, 24
"""Times the noise of an evaluation, which the second differences of so many tell."""
