"""The diagnosis of a run: its findings weighed with what its configuration and its curves tell."""

from collections.abc import Sequence

import numpy as np

from trainmon.causes.diagnosis import Diagnosis
from trainmon.causes.facts import Facts
from trainmon.causes.ranking import diagnose
from trainmon.causes.readings import Curves, readings
from trainmon.chance import Chance
from trainmon.context import Context
from trainmon.incidents import Incident
from trainmon.store.batch import Floats

_RATES = 50
"""Learning rates looked back over, from the end and from an onset: a run bears too high a one for
some steps."""


def weighed(
    findings: Sequence[Incident], context: Context, curves: Curves, chance: Sequence[Chance]
) -> tuple[Diagnosis, ...]:
    """Return the causes of findings as the log stands; `chance` holds the surest level first."""
    if not findings:
        return ()
    rates = curves.samples(context.learning_rate)
    (onset,) = rates.positions(min(finding.onset_row for finding in findings) + 1)
    before = rates.values[max(0, onset - _RATES) : onset]
    return diagnose(
        Facts(
            findings,
            context,
            last_lr=next(iter(_finite(rates.values[-_RATES:])[-1:].tolist()), None),
            onset_lr=max(_finite(before).tolist(), default=None),
            readings=readings(context, curves),
            best_val_loss=min(_finite(curves.samples(context.val_loss).values), default=np.nan),
            chance=next((level.loss for level in chance), np.nan),
        )
    )


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]
