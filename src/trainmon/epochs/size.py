"""How many times the samples of the training set an epoch holds, by the steps that it takes."""

from dataclasses import dataclass
from math import ceil, floor, isfinite

from trainmon.configuration import number_in
from trainmon.context import Context
from trainmon.rule import Block

_LOOKED_AT = 1_024
"""Records over which the samples of a step are counted."""

_SELECTIVE = 0.05
"""Share of all lengths that may be taken for a whole multiple by chance."""

_ROUNDING = 0.5
"""Steps: epochs are told with a few digits."""

_LEAST = 2
"""Times that are several."""

_NEAR = 0.05
"""Around a factor that a step may differ by from what the configuration calls a batch."""


@dataclass(frozen=True, slots=True)
class EpochSize:
    """The steps of an epoch beside those that the training set has."""

    steps: float
    expected: float
    rival: str = ""
    """What explains the ratio as well; empty if nothing known does."""

    @property
    def times(self) -> float:
        """How often a sample comes in an epoch, if the batches are what they are said to be."""
        return self.steps / self.expected

    def is_whole(self) -> bool:
        """Return whether the epoch is a whole number of training sets, batch by batch.

        >>> EpochSize(312, 156.2).is_whole(), EpochSize(320, 156.2).is_whole()
        (True, False)
        """
        times = round(self.times)
        if times < _LEAST or times > _SELECTIVE * self.expected:
            return False
        fewest, most = times * floor(self.expected), times * ceil(self.expected)
        return fewest - _ROUNDING <= self.steps <= most + _ROUNDING


def epoch_size(context: Context, block: Block, row: int) -> EpochSize | None:
    """Return how long an epoch is and how long it should be; None where the log does not tell."""
    steps, samples = context.observed.steps_per_epoch, context.positive("train_samples")
    batch = context.effective_batch or _samples_of_a_step(block, row)
    if not steps or not samples or not batch:
        return None
    size = EpochSize(steps, samples / batch)
    settings = {"world_size": context.header.get("world_size"), **context.settings}
    world, accumulation = number_in(settings, "world_size") or 1.0, context.accumulation
    rivals = {
        "the accumulated batches, if a step is one of them": accumulation,
        "the ranks, if the batch size is that of all": world,
        "the accumulated batches of all ranks": accumulation * world,
    }
    for rival, factor in rivals.items():
        if factor > 1 and abs(size.times / factor - 1) <= _NEAR:
            return EpochSize(size.steps, size.expected, rival)
    return size


def _samples_of_a_step(block: Block, row: int) -> float | None:
    """Return how many samples one step took lately, as the log counts them."""
    seen = block.before("samples", _LOOKED_AT, row + 1)
    if len(seen) < 2:  # noqa: PLR2004 - a difference takes two
        return None
    steps = float(block.steps[seen.rows[-1]] - block.steps[seen.rows[0]])
    samples = float(seen.values[-1] - seen.values[0])
    return samples / steps if steps > 0 and isfinite(samples) and samples > 0 else None
