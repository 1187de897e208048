"""A training loss that has never moved: whether it stands, and whether a 0 may be a rounded one."""

from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.learning.chance_metrics import is_good
from trainmon.rule import Block


@dataclass(frozen=True, slots=True)
class Train:
    """The training loss while it stands: its first value, and whether it never had another."""

    value: float = np.nan
    stands: bool = True
    since: int = 0
    """The row of its first sample."""
    streak: Streak = field(default_factory=Streak)
    """By cells."""


def is_rounded(context: Context, block: Block, row: int, tiny: float, gentle: float) -> bool:
    """Return whether a loss of 0 may be a small one that was rounded: little is lost elsewhere.

    `tiny` is a bound of the validation loss, else `gentle` one of a gradient norm above 0.
    """
    for name, least, most in ((context.val_loss, -1.0, tiny), (context.grad_norm, 0.0, gentle)):
        last = block.before(name, 1, row + 1).values
        if len(last) and isfinite(last[0]):
            return bool(least < last[0] < most)
    return is_good(context, block, row)


def digits(value: float) -> int:
    """Return how many significant digits a number has.

    >>> digits(0.0231), digits(2.30258), digits(1e-5)
    (3, 6, 1)
    """
    return len(f"{value:.15e}".partition("e")[0].replace(".", "").lstrip("-").rstrip("0"))
