"""For how long a rank is waited for that tells nothing while others go on."""

import numpy as np

from trainmon.abreast.rank_steps import RankSteps
from trainmon.finite import finite
from trainmon.ranks.clocks import ahead


def is_left_behind(steps: RankSteps, furthest: RankSteps, *, live: bool) -> bool:
    """Return whether a rank has stopped telling while others went on, so that none waits for it.

    A rank of another node may be read some time later than those of this one.
    """
    behind = furthest.last - steps.last
    if behind < BEHIND or behind < _TIMES_APART * steps.apart:
        return False
    silence = _silence(steps, furthest)
    return not live or silence >= _SILENT or (np.isnan(silence) and behind >= _FAR)


def _silence(steps: RankSteps, furthest: RankSteps) -> float:
    """Return for how many seconds a rank has told nothing, by one clock.

    Of two answers the shorter: a clock may have been set right meanwhile.
    """
    apart = furthest.last_time - steps.last_time
    return min((apart - seconds for seconds in ahead(furthest.lane, steps.lane)), default=apart)


BEHIND = 20.0
"""Steps: ranks that work together are never further apart than one or two."""

_TIMES_APART = 10.0
"""Times the steps between two that a rank tells."""

_SILENT = 120.0
"""Seconds: files of other nodes are seen up to a minute late."""

_FIRST_ROWS = 64
"""Rows of a log in which its first time is looked for."""

_FAR = 1_000.0
"""Steps, where no times are told."""


def is_young(furthest: RankSteps) -> bool:
    """Return whether a run began so lately that ranks may yet be seen that have told nothing."""
    times = furthest.lane.times[:_FIRST_ROWS]
    told = finite(times)
    passed = furthest.last_time - told[0] if len(told) else np.nan
    return bool(passed < _SILENT or (np.isnan(passed) and furthest.lane.n_rows < _FAR))
