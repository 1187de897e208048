"""Whether something happens more often than chance makes it: the e-CUSUM test over flags.

Reference: Shin, Ramdas and Rinaldo, E-detectors (2022). With M = max(M, 1) (q / p)^x
((1 - q) / (1 - p))^(1 - x) and an alarm at M >= a, false alarms are a flags apart on average, at
least, whether or not neighbours depend on each other.
"""

from math import log

import numpy as np

from trainmon.courses.lasting import Flags


def is_frequent(flags: Flags, null: float, alternative: float, alarm: float) -> bool:
    """Return whether the test, at the last flag, says that more than a share `null` are set.

    `alternative` is the share that is looked for.

    >>> often, now_and_then = np.arange(40) % 10 > 0, np.arange(40) % 2 > 0
    >>> is_frequent(often, 0.5, 0.9, 1e4), is_frequent(now_and_then, 0.5, 0.9, 1e4)
    (True, False)
    """
    gain, loss = log(alternative / null), log((1 - alternative) / (1 - null))
    return bool(np.cumsum(np.where(flags[::-1], gain, loss)).max() >= log(alarm))
