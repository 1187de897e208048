"""Gradients that were not finite after a backward pass, and what can be said of their origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from trainmon.writer.watching.batch import Batch
from trainmon.writer.watching.layers import module_of
from trainmon.writer.watching.ruins import NAMES_LIMIT


@dataclass(frozen=True)
class Pass:
    """A backward pass, the norms of whose gradients are on their way."""

    batch: Batch
    names: Sequence[str]
    """The parameters that have a gradient, in the order of the norms and of the model."""
    scaled: bool
    """Whether the loss scale comes before the norms."""
    at_hand: bool
    """Whether the norms arrive at once, as from a CPU."""
    ruined: Mapping[str, object] | None = None
    """Fields that tell of weights that were not finite before their update, if that is known."""


@dataclass(frozen=True)
class Sighting:
    """What was not finite in the gradients of a pass."""

    after: Pass
    affected: Sequence[str]
    """The parameters whose gradients were not finite."""
    value: float
    """The first of their norms."""

    @classmethod
    def of(cls, after: Pass, norms: Sequence[float]) -> "Sighting | None":
        """Return what is to be seen in the norms, or None if they are finite."""
        if isfinite(sum(norms)):  # one addition per norm is all that most passes cost
            return None
        bad = [place for place, norm in enumerate(norms) if not isfinite(norm)]
        if not bad:  # the sum alone is beyond what a float holds
            return None
        return cls(after, [after.names[place] for place in bad], norms[bad[0]])

    def counts(self) -> dict[str, object]:
        """Return how many parameters are affected, of how many that have a gradient, and some."""
        counts = {"parameters_affected": len(self.affected), "parameters": len(self.after.names)}
        return {**counts, "affected": list(self.affected[:NAMES_LIMIT])}

    def origin(self) -> dict[str, object]:
        """Return the parameter nearest to the origin and its module, where that can be told.

        A gradient that is not finite makes those of all earlier layers so, and models mostly list
        their layers from first to last. So if the affected parameters are the first ones, or there
        is only one, the last of them is the nearest. If all are affected the origin may as well lie
        in the loss; if there are gaps, in what the layers got. None is named then.
        """
        affected, names = self.affected, self.after.names
        first_ones = list(affected) == list(names[: len(affected)])
        if len(affected) == len(names) or not (first_ones or len(affected) == 1):
            return {}
        return {"module": module_of(affected[-1]), "parameter": affected[-1]}
