"""Whether a metric comes from an evaluation of few examples."""

import numpy as np

_EXACT = 1e-9
"""How near to a ratio of small numbers a share must be to be one."""


def is_ratio(share: float, most: int) -> bool:
    """Return whether a share is one of at most `most` examples, or of so few digits.

    >>> is_ratio(0.85, 100), is_ratio(1 / 30, 100), is_ratio(0.4365, 100)
    (True, True, False)
    """
    examples = np.arange(1, most + 1)
    hits = share * examples
    return bool((np.abs(hits - np.round(hits)) < _EXACT * examples).any())
