"""A training loss that has never moved: whether it stands, and whether a 0 may be a rounded one."""

from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.digest import CELL
from trainmon.learning.chance_metrics import is_good
from trainmon.rule import Block, Event, Severity


@dataclass(frozen=True, slots=True)
class Train:
    """The training loss while it stands: its first value, and whether it never had another."""

    value: float = np.nan
    stands: bool = True
    since: int = 0
    """The row of its first sample."""
    streak: Streak = field(default_factory=Streak)
    """By cells."""


@dataclass(frozen=True, slots=True)
class NeverMoved:
    """When it is told that a training loss has never moved."""

    cells: int
    """Cells of 8 records in which it stands."""
    digits: int
    """Digits that no two models share by accident: one fewer is enough, unless it is exactly 0."""
    tiny: float
    """A validation loss below it tells that a training loss of 0 is a rounded one."""
    gentle: float
    """A gradient norm below it does so as well."""

    def follow(self, train: Train, context: Context, block: Block) -> tuple[Train, list[Event]]:
        """Judge the new cells of the training loss, as long as it has never moved."""
        digest, events = block.digest(context.train_loss), list[Event]()
        new = slice(digest.since(block.start), len(digest))
        if not train.stands or not len(digest.rows[new]):
            return train, events
        name = str(context.train_loss)
        lows, highs = digest.low[new].tolist(), digest.high[new].tolist()
        cells = zip(
            digest.rows[new].tolist(), digest.first_rows[new].tolist(), lows, highs, strict=True
        )
        for row, first_row, low, high in cells:
            if np.isnan(train.value):
                train = replace(train, value=low, since=first_row)
            if not low == high == train.value:
                streak, told = train.streak.over(row, f"{name} moves", name)
                return Train(stands=False, streak=streak), events + told
            streak = train.streak.seen(train.since)
            if streak.count >= self.cells and (low == 0 or digits(low) >= self.digits - 1):
                title = f"{name} is exactly {low:.5g} in all of its records"
                severity, evidence = Severity.ERROR, {"value": low, "records": CELL * streak.count}
                if low == 0 and is_rounded(context, block, row, self.tiny, self.gentle):
                    title, severity = f"{title}, as far as its digits go", Severity.INFO
                streak, told = streak.tell(row, severity, title, name, evidence)
                events += told
            train = replace(train, streak=streak)
        return train, events


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
    """Return how many significant digits a number has, in single precision if it is of that.

    >>> digits(0.0231), digits(2.30258), digits(1e-5), digits(0.23399999737739563)
    (3, 6, 1, 3)
    """
    single = np.float32(value)
    if single == value:
        value = float(str(single))
    return len(f"{value:.15e}".partition("e")[0].replace(".", "").lstrip("-").rstrip("0"))
