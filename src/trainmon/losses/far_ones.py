"""Losses of single batches that lie far beyond all others: bad data, and not a tail.

Each is over at once and harmless by itself. Together they can make up most of what is trained on;
the same batch in every epoch holds the same bad data where batches come in one order; and one that
is dozens of times beyond all others is like none of them.
"""

from dataclasses import dataclass, field, replace
from math import floor, isnan, nan

import numpy as np

from trainmon.medians import median_of
from trainmon.rule import Event, Severity
from trainmon.store.batch import Floats

_BETWEEN = 3.0
"""Times the median: losses from here to far ones are the tail of a distribution that has one."""

_FEW_BETWEEN = 2
"""Times as many must be far off: of a Pareto tail without a mean fewer are than lie between."""

_SAME = 1.5
"""Batches: places of an epoch that differ by less are one, as logs round epochs."""

_SURE = 3
"""Epochs: the same batch in two may be chance."""

_LEAST = 20
"""Losses of an epoch, at least: what comes more often is a task, or a term, of every so many steps.
"""

_LAST = 100
"""Losses before a lone one: of fewer, and of older ones, a steep fall hides what is usual."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the run a loss was."""

    index: int
    """Its number among the finite ones."""
    epoch: float = nan
    batch: float = nan
    """Its batch of the epoch; NaN where the log does not tell."""

    def comes_again(self, earlier: "Place") -> bool:
        """Return whether it is the batch of an earlier epoch."""
        near = abs(self.batch - earlier.batch) < _SAME
        return near and floor(self.epoch) > floor(earlier.epoch)


@dataclass(frozen=True, slots=True)
class FarOnes:
    """The far losses since the baseline."""

    count: int = 0
    excess: float = 0.0
    """What they have above the medians, summed up."""
    first: int = 0
    """The number of the first of them."""
    last: Place = field(default_factory=lambda: Place(-1))
    same: int = 0
    """How many in a row, with the last, were at one batch of different epochs, or as far apart as
    two before them where no batch is told."""
    apart: int = 0
    """The losses from the last but one to the last."""

    def share(self, median: float) -> float:
        """Return their part of the sum of all losses since the first of them."""
        return self.excess / (self.excess + median * (self.last.index - self.first + 1))

    def told(self, event: Event) -> Event:
        """Return the event of a spike that is the last of them, and matters with the others."""
        share = self.share(event.evidence["median"])
        evidence = {**event.evidence, "spikes": max(self.count, self.same), "share": share}
        title = event.title
        if self.same >= _SURE:
            evidence["same_batch"] = self.same
            each = "batch" in event.evidence
            before = f"in {self.same - 1} epochs" if each else f"every {self.apart} records"
            title = f"{title}, as {before} before"
        if self.count > 1:
            title = f"{title}: {self.count} such jumps make up {share:.0%} of all losses"
        return replace(event, severity=Severity.WARNING, title=title, evidence=evidence)


@dataclass(frozen=True, slots=True)
class FarOff:
    """When a loss is far off, and when such losses matter."""

    far: float
    """Times the median."""
    untrained: float
    """Times the first losses: a trained model does far worse there than one that knows nothing."""
    often: int
    """Far losses."""
    heavy: float
    """Share of the sum of all losses."""
    alone: float
    """Times the median, of one that matters by itself."""
    worse: float
    """Times the first losses, of one that comes at the same batch of each epoch."""

    def after(
        self, known: FarOnes, value: float, median: float, first_losses: Floats, place: Place
    ) -> FarOnes:
        """Return the far losses after one that jumped; the same ones where it is not far off."""
        untrained = median_of(first_losses) if len(first_losses) else nan
        if not value >= self.far * median > 0 or not value >= self.worse * untrained:
            return known
        apart = place.index - known.last.index
        evenly = isnan(place.batch) and apart == known.apart >= _LEAST
        again = evenly or place.comes_again(known.last)
        ones = replace(known, last=place, same=known.same + 1 if again else 1, apart=apart)
        if not value >= self.untrained * untrained:
            return ones
        first, excess = known.first if known.count else place.index, known.excess + value - median
        return replace(ones, count=known.count + 1, excess=excess, first=first)

    def matter(self, ones: FarOnes, median: float, before: Floats) -> bool:
        """Return whether far losses make up much of all, and stand apart from the others.

        `before` are the losses in front of the last of them.
        """
        if ones.same >= _SURE:
            return True
        if ones.count < self.often or not ones.share(median) >= self.heavy:
            return False
        far = np.count_nonzero(before >= self.far * median)
        between = np.count_nonzero(before >= _BETWEEN * median) - far
        return bool(_FEW_BETWEEN * between <= far + 1)

    def is_alone(self, value: float, median: float, first_losses: Floats, before: Floats) -> bool:
        """Return whether a loss is far beyond all that any batch before it had.

        A distribution with a tail has losses between the usual ones and so far a one.
        """
        untrained = median_of(first_losses) if len(first_losses) else nan
        recent = before[-_LAST:]
        if not value >= self.alone * median > 0 or not value >= self.untrained * untrained:
            return False
        far = recent >= self.far * median
        return len(recent) >= _LAST and not ((recent >= _BETWEEN * median) & ~far).any()


def alone(event: Event) -> Event:
    """Return the event of a spike that is far beyond all others."""
    times = event.evidence["value"] / event.evidence["median"]
    title = f"{event.title}, {times:,.0f} times the usual, where no other batch comes near"
    evidence = {**event.evidence, "alone": True}
    return replace(event, severity=Severity.WARNING, title=title, evidence=evidence)
