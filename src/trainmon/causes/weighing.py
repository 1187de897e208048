"""The diagnosis of a run: its findings weighed with what its configuration and its curves tell."""

from collections.abc import Sequence

import numpy as np

from trainmon.causes.diagnosis import Diagnosis
from trainmon.causes.facts import Facts
from trainmon.causes.ranking import diagnose
from trainmon.causes.readings import Curves, readings
from trainmon.chance import Chance
from trainmon.context import Context
from trainmon.finite import finite
from trainmon.incidents import Incident
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
    return diagnose(
        Facts(
            findings,
            context,
            last_lr=next(iter(finite(rates.values[-_RATES:])[-1:].tolist()), None),
            onset_lr=max(finite(before).tolist(), default=None),
            rate_jump=_jump(rates.values, onset),
            readings=readings(context, curves),
            best_val_loss=min(finite(curves.samples(context.val_loss).values), default=np.nan),
            chance=next((level.loss for level in chance), np.nan),
        )
    )


def _jump(rates: Floats, onset: int) -> float:
    """Return how many times all earlier rates those at an onset are."""
    at = max(0, onset - 1)
    earlier, there = finite(rates[max(0, at - _EARLIER) : at]), finite(rates[at : onset + 1])
    highest = float(earlier.max()) if len(earlier) else 0.0
    return float(there.max()) / highest if len(there) and highest > 0 else np.nan
