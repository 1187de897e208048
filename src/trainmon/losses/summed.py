"""How many evaluations it takes to say that a training loss is a sum, or divided too often.

What dropout and mixed inputs do to a training loss can look the same for some evaluations.
"""

from dataclasses import dataclass
from math import inf, nan

from trainmon.context import Context
from trainmon.losses.accumulation import LEAST, MOST, Factor, factors
from trainmon.losses.first import First
from trainmon.losses.pairs import Pairs
from trainmon.store.batch import Floats

_MIXING = ("mixup", "cutmix", "mix_prob", "label_smoothing")
"""Begin the settings that raise the training loss alone, many times above the validation's."""

_TWO = 2.5
"""An accumulation of 2 is below it, and dropout can imitate that; one of 3 is above it."""


@dataclass(frozen=True, slots=True)
class Summed:
    """What a ratio of two losses must do to be a factor."""

    evaluations: int
    """For an accumulation of 3 and more, or with first losses."""
    few: int
    """For an accumulation of 2."""
    many: int
    """Where something speaks against it."""
    spread: float
    """Between the largest ratio and the smallest of many."""
    fall: float
    """Of the first validation loss: a ratio that holds meanwhile."""
    first_least: float
    """Times as many chance levels, of first losses that are summed."""
    first_most: float
    begins: float
    """Times chance: first losses from half of it to here are means."""

    def begins_with(self, factor: Factor, first: First | None) -> bool:
        """Return whether the first losses of the run are off by a factor."""
        if first is None:
            return False
        return self.first_least <= first.ratio / factor.times <= self.first_most

    def wanted(
        self, factor: Factor, first: First | None, losses: Pairs, skipped: int, context: Context
    ) -> float:
        """Return how many evaluations it takes; `skipped` ones at first said something else."""
        known = self.begins_with(factor, first)
        if factor.times < 1:
            return self.evaluations if known and not skipped else inf
        if known:
            return self.evaluations
        start = first.ratio if first else nan
        if losses.resumed or _mixes(context) or 1 / 2 <= start <= self.begins:
            ratios, val = losses.ratio[:-1], losses.val
            one = ratios.max() <= self.spread * ratios.min()
            falls = val[-1] <= self.fall * val[0]
            return self.many if one and falls and not skipped else inf
        return self.evaluations if factor.times > _TWO else self.few


def candidates(context: Context) -> list[Factor]:
    """Return the factors that a loss may be off by, and their inverses."""
    summed = list(factors(context))
    return [*summed, *(Factor(1 / each.times, each.words) for each in summed)]


def holds(factor: Factor, ratios: Floats) -> bool:
    """Return whether all ratios are those of a factor.

    The last one has one side alone, and is higher for it by what the loss falls meanwhile.
    """
    steep = MOST if factor.times > 1 else 1.0
    return all(map(factor.explains, ratios[:-1].tolist())) and bool(
        LEAST <= ratios[-1] / factor.times <= steep * MOST
    )


def _mixes(context: Context) -> bool:
    """Return whether a setting raises the training loss alone, by mixing inputs or targets."""
    return any(
        value and value not in ("none", "None", "off")
        for name, value in context.settings.items()
        if name.rpartition("/")[2].lower().startswith(_MIXING)
    )
